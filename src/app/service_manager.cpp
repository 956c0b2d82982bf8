#include "app/service_manager.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "app/notify_socket.h"
#include "app/watchdog.h"
#include "rig/kernel/utf8.h"
#include "rig/log/log.h"

namespace rig {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

constexpr std::chrono::minutes kStatusInterval{1};
// Until messages that the manager had no room for are sent again.
constexpr std::chrono::seconds kLongestPause{5};
constexpr milliseconds kRetryPause{100};
constexpr std::size_t kMaxStatus = 1000;

// The manager compares it with when it has asked for the reload.
std::int64_t monotonic_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return std::int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1000;
}

// A newline would begin another assignment; invalid UTF-8 would be ignored.
std::string status_line(std::string_view text) {
  auto line = "STATUS=" + valid_utf8(text.substr(0, kMaxStatus));
  std::ranges::replace_if(
      line, [](char c) { return c == '\n' || c == '\0'; }, ' ');
  return line;
}

}  // namespace

class ServiceManager::State : public std::enable_shared_from_this<State> {
 public:
  explicit State(const ServiceEnvironment& environment)
      : socket_(environment.notify_socket), watchdog_timeout_(environment.watchdog_timeout) {}

  bool has_manager() const { return socket_.is_open(); }

  void ready(Service service) {
    determine_status_ = std::move(service.determine_status);
    if (watchdog_timeout_ && service.check)
      watchdog_.emplace(*watchdog_timeout_, std::move(service.check),
                        [this] { return socket_.send("WATCHDOG=1"); });
    status_ = std::move(service.status);
    update_status();
    const std::lock_guard lock(mutex_);
    phase_ = Phase::running;
    post_status("READY=1\n");
  }

  void reload_begins() {
    const std::lock_guard lock(mutex_);
    if (phase_ != Phase::running) return;
    phase_ = Phase::reloading;
    socket_.post(fmt::format("RELOADING=1\nMONOTONIC_USEC={}\nSTATUS=reloading the configuration",
                             monotonic_microseconds()));
  }

  void reload_ends(bool successful) {
    {
      const std::lock_guard lock(mutex_);
      reload_failed_ = !successful;
      if (phase_ != Phase::reloading) return;
      phase_ = Phase::running;
      post_status("READY=1\n");
    }
    update_status();  // the collectors may be others now
  }

  void stopping() {
    const std::lock_guard lock(mutex_);
    if (std::exchange(phase_, Phase::stopping) != Phase::stopping)
      socket_.post("STOPPING=1\nSTATUS=shutting down");
  }

  void run(const StopToken& stop) {
    auto next_status = SteadyTime::clock::now() + kStatusInterval;
    while (true) {
      auto next = SteadyTime::clock::now() + kRetryPause;
      try {
        next = work(next_status);
      } catch (const std::exception& error) {  // out of memory: there may be some later
        log_error(fmt::format("service manager: {}", error.what()));
      }
      const auto pause = std::chrono::ceil<milliseconds>(next - SteadyTime::clock::now());
      if (stop.wait_for(std::clamp<milliseconds>(pause, milliseconds(0), kLongestPause))) return;
    }
  }

 private:
  enum class Phase { starting, running, reloading, stopping };

  // Returns when there is something to do again.
  SteadyTime work(SteadyTime& next_status) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_status) {
      next_status = now + kStatusInterval;
      update_status();
    }
    auto next = next_status;
    if (watchdog_) next = std::min(next, watchdog_->run());
    if (!socket_.flush()) next = std::min(next, now + kRetryPause);
    return next;
  }

  void update_status() {
    if (!determine_status_) return;
    determine_status_([self = weak_from_this()](std::string text) {
      if (const auto state = self.lock()) state->use_status(std::move(text));
    });
  }

  void use_status(std::string status) {
    const std::lock_guard lock(mutex_);
    if (status == status_) return;
    status_ = std::move(status);
    if (phase_ == Phase::running) post_status();
  }

  // Called with the lock.
  void post_status(std::string_view before = "") {
    constexpr const char* kFailed = "; the latest reload has failed: see the log";
    socket_.post(
        fmt::format("{}{}", before, status_line(status_ + (reload_failed_ ? kFailed : ""))));
  }

  NotifySocket socket_;
  const std::optional<std::chrono::microseconds> watchdog_timeout_;
  // Set once, before other threads use them.
  std::function<void(OnStatus)> determine_status_;
  std::optional<Watchdog> watchdog_;
  std::mutex mutex_;
  Phase phase_ = Phase::starting;
  std::string status_;
  bool reload_failed_ = false;
};

ServiceManager::ServiceManager(const ServiceEnvironment& environment)
    : state_(std::make_shared<State>(environment)) {}

ServiceManager::~ServiceManager() { stop(); }

void ServiceManager::ready(Service service) {
  if (!state_->has_manager()) return;
  state_->ready(std::move(service));
  thread_ = std::make_unique<StoppableThread>(
      "notify", [state = state_](const StopToken& stop) { state->run(stop); },
      [](const std::string& error) { log_error("service manager: " + error); });
}

void ServiceManager::reload_begins() { state_->reload_begins(); }

void ServiceManager::reload_ends(bool successful) { state_->reload_ends(successful); }

bool ServiceManager::stop() {
  state_->stopping();
  return !thread_ || thread_->stop(milliseconds(80));
}

}  // namespace rig
