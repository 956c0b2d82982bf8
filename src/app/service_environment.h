// What the service manager passes to this program in its environment.
#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace rig {

struct ServiceEnvironment {
  std::string notify_socket;  // NotifySocket's address; empty: nobody waits for messages
  // The manager restarts this program if it does not say for so long that it works. Absent: it does
  // not expect that.
  std::optional<std::chrono::microseconds> watchdog_timeout;
};

// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and removes them, so that child processes do
// not speak for this one. Call it while there are no other threads that use the environment.
ServiceEnvironment take_service_environment();

}  // namespace rig
