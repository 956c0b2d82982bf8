#include "app/service_environment.h"

#include <unistd.h>

#include <cstdlib>
#include <vector>

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

// Null: not set.
ServiceEnvironment take(const char* notify_socket, const char* usec, const char* pid) {
  const std::vector<std::pair<const char*, const char*>> variables{
      {"NOTIFY_SOCKET", notify_socket}, {"WATCHDOG_USEC", usec}, {"WATCHDOG_PID", pid}};
  for (const auto& [name, value] : variables) {
    if (value != nullptr) setenv(name, value, 1);
  }
  auto environment = take_service_environment();
  for (const auto& variable : variables) CHECK(std::getenv(variable.first) == nullptr);
  return environment;
}

}  // namespace

TEST_CASE("The variables of the service manager are read and removed") {
  const auto own = std::to_string(getpid());
  const auto all = take("/run/systemd/notify", "30000000", own.c_str());
  CHECK(all.notify_socket == "/run/systemd/notify");
  CHECK(all.watchdog_timeout == 30s);
  const auto none = take(nullptr, nullptr, nullptr);
  CHECK(none.notify_socket.empty());
  CHECK_FALSE(none.watchdog_timeout);
}

TEST_CASE("A watchdog is that of this process and has a valid timeout") {
  const auto own = std::to_string(getpid());
  CHECK(take("/n", "1", nullptr).watchdog_timeout == 1us);
  CHECK(take("/n", "5000", "").watchdog_timeout == 5ms);
  CHECK(take("/n", "18446744073709551614", own.c_str()).watchdog_timeout == 24h);
  for (const char* usec :
       {"", "0", "x", "-5", "30s", "18446744073709551615", "99999999999999999999"})
    CHECK_FALSE(take("/n", usec, own.c_str()).watchdog_timeout);
  for (const char* pid : {"1", "x", "-1"}) CHECK_FALSE(take("/n", "5000", pid).watchdog_timeout);
  CHECK_FALSE(take("", "5000", own.c_str()).watchdog_timeout);
}
