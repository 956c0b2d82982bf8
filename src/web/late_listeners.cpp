#include "web/late_listeners.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "rig/log/log.h"

namespace rig {

struct LateListeners::State {
  mutable std::mutex mutex;
  std::vector<LateAddress> addresses;  // modified by the thread only
  OnListening on_listening;
  bool stopped = false;
  std::map<std::string, std::string> errors{};  // that were logged; of the thread only

  void run(const StopToken& stop, std::chrono::milliseconds interval);
  void update(LateAddress& late);
  void listen(LateAddress& late);
  void set(bool& member, bool value);
};

void LateListeners::State::set(bool& member, bool value) {
  const std::lock_guard lock(mutex);
  member = value;
}

// An address that is in use by now is not fatal: others may be served.
void LateListeners::State::listen(LateAddress& late) {
  const auto text = to_string(late.address);
  auto& logged = errors[text];
  try {
    auto socket = listen_on(late.address);
    const std::lock_guard lock(mutex);
    if (stopped) return;
    on_listening(text, std::move(socket.fd));
    late = {late.address, true, socket.address_missing, socket.zone};
    log_info(fmt::format("listening on {} now", socket.address));
    logged.clear();
  } catch (const NotYetKnown&) {
    return;
  } catch (const std::exception& error) {  // also if there is no thread for the socket
    if (logged != error.what()) log_warn(fmt::format("{}; trying again", error.what()));
    logged = error.what();
  }
}

void LateListeners::State::update(LateAddress& late) {
  if (late.listening && late.zone != 0) {
    const auto zone = find_zone(late.address);
    if (zone && *zone != late.zone) {
      log_warn(fmt::format("the network interface of {} has gone", to_string(late.address)));
      set(late.listening, false);
    }
  }
  if (!late.listening) listen(late);
  if (late.listening && late.missing && machine_has(late.address)) {
    log_info(fmt::format("this machine has the address {} now", to_string(late.address)));
    set(late.missing, false);
  }
}

void LateListeners::State::run(const StopToken& stop, std::chrono::milliseconds interval) {
  while (std::ranges::any_of(addresses, concerns)) {
    if (stop.wait_for(interval)) return;
    for (auto& late : addresses) update(late);
  }
}

bool LateListeners::concerns(const LateAddress& address) {
  return !address.listening || address.missing ||
         (address.zone != 0 && find_zone(address.address).has_value());
}

LateListeners::LateListeners(std::vector<LateAddress> addresses, std::chrono::milliseconds interval,
                             OnListening on_listening)
    : state_(std::make_shared<State>()) {
  for (const auto& late : addresses) {
    if (late.missing)
      log_warn(
          fmt::format("this machine does not have the address {} yet: nobody can connect to it",
                      to_string(late.address)));
  }
  if (std::ranges::none_of(addresses, concerns)) return;
  state_->addresses = std::move(addresses);
  state_->on_listening = std::move(on_listening);
  thread_ = std::make_unique<StoppableThread>(
      "http-listen",
      [state = state_, interval](const StopToken& stop) { state->run(stop, interval); },
      [](const std::string& error) {
        log_error("http: no longer waiting for addresses: " + error);
      });
}

LateListeners::~LateListeners() { stop(); }

std::vector<std::string> LateListeners::waiting_for() const {
  std::vector<std::string> waiting;
  const std::lock_guard lock(state_->mutex);
  for (const auto& late : state_->addresses) {
    if (!late.listening || late.missing) waiting.push_back(to_string(late.address));
  }
  return waiting;
}

void LateListeners::stop() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->stopped = true;
  }
  thread_.reset();
}

}  // namespace rig
