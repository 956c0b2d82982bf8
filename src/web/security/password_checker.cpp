#include "web/security/password_checker.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "rig/log/log.h"

namespace rig {

struct PasswordChecker::Check {
  std::string password;
  std::string hash;
  Done done;
};

struct PasswordChecker::Client {
  std::deque<Check> waiting;
  Clock::time_point served{};      // its last turn
  Clock::time_point not_before{};  // of its next turn
  Clock::duration pause{0};        // after its last wrong password
};

struct PasswordChecker::State {
  State(Matches compare, const Limits& most) : matches(std::move(compare)), limits(most) {}

  const Matches matches;
  const Limits limits;
  std::mutex mutex;
  std::condition_variable changed;
  std::map<std::string, Client> clients;
  bool stopped = false;

  using Clients = std::map<std::string, Client>;

  void run();
  void take_turn(std::unique_lock<std::mutex>& lock, Clients::iterator client);
  Clients::iterator next(Clock::time_point now);
  std::optional<Clock::time_point> next_turn() const;
  void forget_some(Clock::time_point now);
  std::vector<Check> record(const std::string& name, bool match, const Check& check);
};

// The client whose last turn is longest ago, among those that may have a turn now; end() if there
// is none.
PasswordChecker::State::Clients::iterator PasswordChecker::State::next(Clock::time_point now) {
  auto chosen = clients.end();
  for (auto at = clients.begin(); at != clients.end(); ++at) {
    const auto& client = at->second;
    if (client.waiting.empty() || client.not_before > now) continue;
    if (chosen == clients.end() || client.served < chosen->second.served) chosen = at;
  }
  return chosen;
}

std::optional<PasswordChecker::Clock::time_point> PasswordChecker::State::next_turn() const {
  std::optional<Clock::time_point> earliest;
  for (const auto& [name, client] : clients) {
    if (!client.waiting.empty() && (!earliest || client.not_before < *earliest))
      earliest = client.not_before;
  }
  return earliest;
}

// Those without a recent wrong password first, then those with the oldest one.
void PasswordChecker::State::forget_some(Clock::time_point now) {
  std::erase_if(clients, [&](const auto& entry) {
    return entry.second.waiting.empty() && entry.second.not_before + limits.forget < now;
  });
  if (clients.size() < limits.clients) return;
  auto oldest = clients.end();
  for (auto at = clients.begin(); at != clients.end(); ++at) {
    const bool older = oldest == clients.end() || at->second.not_before < oldest->second.not_before;
    if (at->second.waiting.empty() && older) oldest = at;
  }
  if (oldest != clients.end()) clients.erase(oldest);
}

// Returns the client's other requests with the same password, which need no turn of their own.
std::vector<PasswordChecker::Check> PasswordChecker::State::record(const std::string& name,
                                                                   bool match, const Check& check) {
  const std::lock_guard lock(mutex);
  auto& client = clients[name];
  client.pause =
      match ? Clock::duration(0) : std::clamp(client.pause * 2, limits.pause, limits.longest_pause);
  client.not_before = Clock::now() + client.pause;
  const auto same =
      std::stable_partition(client.waiting.begin(), client.waiting.end(), [&](const Check& other) {
        return other.password != check.password || other.hash != check.hash;
      });
  std::vector<Check> taken(std::make_move_iterator(same),
                           std::make_move_iterator(client.waiting.end()));
  client.waiting.erase(same, client.waiting.end());
  return taken;
}

void PasswordChecker::State::take_turn(std::unique_lock<std::mutex>& lock,
                                       Clients::iterator client) {
  const auto name = client->first;
  client->second.served = Clock::now();
  const Check check = std::move(client->second.waiting.front());
  client->second.waiting.pop_front();
  lock.unlock();
  try {
    const bool match = matches(check.password, check.hash);
    const auto same = record(name, match, check);
    check.done(match ? Result::match : Result::mismatch);
    for (const auto& each : same) each.done(match ? Result::match : Result::mismatch);
  } catch (const std::exception& error) {  // the next ones still have to be checked
    log_error(std::string("http: password check: ") + error.what());
  }
  lock.lock();
}

void PasswordChecker::State::run() {
  std::unique_lock lock(mutex);
  while (!stopped) {
    if (const auto client = next(Clock::now()); client != clients.end()) {
      take_turn(lock, client);
    } else if (const auto turn = next_turn()) {
      changed.wait_until(lock, *turn);
    } else {
      changed.wait(lock);
    }
  }
}

PasswordChecker::PasswordChecker(Matches matches, const Limits& limits)
    : state_(std::make_shared<State>(std::move(matches), limits)),
      thread_(
          "http-password", [state = state_](const StopToken& /*stop*/) { state->run(); },
          [](const std::string& error) {
            log_error("http: no longer checking passwords: " + error);
          }) {}

PasswordChecker::~PasswordChecker() { stop(); }

bool PasswordChecker::check(const std::string& client, std::string password, std::string hash,
                            Done done) {
  const auto now = Clock::now();
  const std::lock_guard lock(state_->mutex);
  if (state_->stopped) return false;
  auto found = state_->clients.find(client);
  if (found == state_->clients.end()) {
    if (state_->clients.size() >= state_->limits.clients) state_->forget_some(now);
    if (state_->clients.size() >= state_->limits.clients) return false;
    found = state_->clients.emplace(client, Client{}).first;
  }
  auto& entry = found->second;
  if (entry.waiting.size() >= state_->limits.waiting_per_client) return false;
  if (entry.not_before + state_->limits.forget < now) entry.pause = Clock::duration(0);
  entry.waiting.push_back({std::move(password), std::move(hash), std::move(done)});
  state_->changed.notify_one();
  return true;
}

void PasswordChecker::stop() {
  std::vector<Check> waiting;
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopped = true;
    for (auto& [name, client] : state_->clients)
      std::ranges::move(client.waiting, std::back_inserter(waiting));
    state_->clients.clear();
    state_->changed.notify_one();
  }
  for (const auto& check : waiting) check.done(Result::stopped);
}

}  // namespace rig
