// Tells the service manager (systemd, Type=notify) when this program is ready, reloads and stops,
// what its state is, and, if there is a watchdog, that it works. See notify_socket.h, watchdog.h.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "app/service_environment.h"
#include "rig/threads/stoppable_thread.h"
#include "rig/web/health_check.h"

namespace rig {

// Without a manager no function does anything. None waits for it, and all may be called from any
// thread.
class ServiceManager {
 public:
  using OnStatus = std::function<void(std::string)>;

  struct Service {
    std::string status;  // at first, in one line
    // Determines the status and passes it on, later and in any thread, or not at all. Called at
    // first, once a minute and after each reload. Must not block.
    std::function<void(OnStatus)> determine_status;
    std::function<Health()> check;  // see Watchdog
  };

  explicit ServiceManager(const ServiceEnvironment& environment);
  ~ServiceManager();

  // Everything is served from now on. Called once. What the functions use must exist until stop()
  // has returned true.
  void ready(Service service);

  void reload_begins();
  void reload_ends(bool successful);

  // This program stops. Returns false if a check hangs.
  bool stop();

 private:
  class State;
  std::shared_ptr<State> state_;
  std::unique_ptr<StoppableThread> thread_;
};

}  // namespace rig
