#include "app/service_environment.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "rig/kernel/text.h"

namespace rig {
namespace {

// Longer intervals are treated like this one: checks that are too frequent do no harm.
constexpr std::chrono::microseconds kLongestTimeout = std::chrono::hours(24);
// Means "no watchdog" (USEC_INFINITY).
constexpr std::uint64_t kNever = UINT64_MAX;

std::string take_variable(const char* name) {
  const char* const value = std::getenv(name);
  std::string taken = value == nullptr ? "" : value;
  unsetenv(name);
  return taken;
}

}  // namespace

ServiceEnvironment take_service_environment() {
  ServiceEnvironment environment{take_variable("NOTIFY_SOCKET"), {}};
  const auto microseconds = parse_number<std::uint64_t>(take_variable("WATCHDOG_USEC"));
  const auto pid = take_variable("WATCHDOG_PID");
  const bool own = pid.empty() || parse_number<pid_t>(pid) == getpid();
  if (environment.notify_socket.empty() || !own || !microseconds || *microseconds == 0 ||
      *microseconds == kNever)
    return environment;
  const auto longest = static_cast<std::uint64_t>(kLongestTimeout.count());
  environment.watchdog_timeout = std::chrono::microseconds(std::min(*microseconds, longest));
  return environment;
}

}  // namespace rig
