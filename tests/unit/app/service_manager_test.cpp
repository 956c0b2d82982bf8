#include "app/service_manager.h"

#include <time.h>

#include <atomic>
#include <future>
#include <thread>

#include "app/manager_socket.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view kStopping = "STOPPING=1\nSTATUS=shutting down";

// A service whose status does not change.
ServiceManager::Service quiet_service(std::function<Health()> check = {}) {
  return {.status = "serving", .determine_status = {}, .check = std::move(check)};
}

struct Managed {
  TemporaryDirectory directory;
  std::string path = (directory.path() / "notify").string();
  ManagerSocket systemd{path};
};

// Whether WATCHDOG=1 comes within this time.
bool hears_watchdog(const ManagerSocket& systemd, std::chrono::milliseconds within) {
  const auto end = std::chrono::steady_clock::now() + within;
  while (std::chrono::steady_clock::now() < end) {
    if (systemd.receive_now() == "WATCHDOG=1") return true;
    std::this_thread::sleep_for(2ms);
  }
  return false;
}

}  // namespace

TEST_CASE("The manager is told when the service is ready and when it stops") {
  const Managed at;
  ServiceManager manager({at.path, {}});
  CHECK(at.systemd.receive_now() == "nothing");
  manager.ready(quiet_service());
  CHECK(at.systemd.receive() == "READY=1\nSTATUS=serving");
  CHECK(manager.stop());
  CHECK(at.systemd.receive() == kStopping);
  CHECK(manager.stop());
  CHECK(at.systemd.receive_now() == "nothing");
}

TEST_CASE("The status is sent when it has changed, as one line") {
  const Managed at;
  ServiceManager manager({at.path, {}});
  auto service = quiet_service();
  std::promise<ServiceManager::OnStatus> given;
  std::atomic<int> asked = 0;
  service.determine_status = [&](ServiceManager::OnStatus on_status) {
    if (asked++ == 0) given.set_value(std::move(on_status));
  };
  manager.ready(std::move(service));
  CHECK(at.systemd.receive() == "READY=1\nSTATUS=serving");
  const auto on_status = given.get_future().get();
  on_status("serving");
  on_status("serving\nREADY=0");
  CHECK(at.systemd.receive() == "STATUS=serving READY=0");
  on_status(std::string(9999, 'x') + "\xff");
  CHECK(at.systemd.receive() == "STATUS=" + std::string(1000, 'x'));
  CHECK(manager.stop());
  CHECK(at.systemd.receive() == kStopping);
  on_status("too late");
  CHECK(at.systemd.receive_now() == "nothing");
}

TEST_CASE("A reload is announced with the time at which it began, and ends with READY") {
  const Managed at;
  ServiceManager manager({at.path, {}});
  manager.reload_begins();
  manager.reload_ends(true);
  CHECK(at.systemd.receive_now() == "nothing");  // before the start has ended
  manager.ready(quiet_service());
  CHECK(at.systemd.receive() == "READY=1\nSTATUS=serving");
  timespec before{};
  clock_gettime(CLOCK_MONOTONIC, &before);
  manager.reload_begins();
  const auto message = at.systemd.receive();
  const std::string expected = "RELOADING=1\nMONOTONIC_USEC=";
  REQUIRE(message.starts_with(expected));
  const auto began = std::stoll(message.substr(expected.size()));
  CHECK(began >= before.tv_sec * 1'000'000LL + before.tv_nsec / 1000);
  CHECK(began < (before.tv_sec + 60) * 1'000'000LL);
  manager.reload_ends(true);
  CHECK(at.systemd.receive() == "READY=1\nSTATUS=serving");
  manager.reload_begins();
  CHECK(at.systemd.receive().starts_with(expected));
  manager.reload_ends(false);
  CHECK(at.systemd.receive() ==
        "READY=1\nSTATUS=serving; the latest reload has failed: see the log");
  manager.reload_begins();
  CHECK(at.systemd.receive().starts_with(expected));
  manager.stop();
  CHECK(at.systemd.receive() == kStopping);
  manager.reload_ends(true);  // must not look like a start
  CHECK(at.systemd.receive_now() == "nothing");
}

TEST_CASE("A service that works is reported regularly, and one that does not is not") {
  const Managed at;
  std::atomic<bool> healthy = true;
  ServiceManager manager({at.path, 200ms});
  manager.ready(quiet_service([&] { return Health{healthy, "the reason"}; }));
  for (int i = 0; i < 3; ++i) CHECK(hears_watchdog(at.systemd, 5s));
  healthy = false;
  hears_watchdog(at.systemd, 200ms);  // one may be on its way
  CHECK_FALSE(hears_watchdog(at.systemd, 600ms));
  healthy = true;
  CHECK(hears_watchdog(at.systemd, 5s));
  CHECK(manager.stop());
}

TEST_CASE("A check that hangs is not reported, and does not delay the end") {
  const Managed at;
  std::promise<void> released;
  std::promise<void> hangs;
  ServiceManager manager({at.path, 100ms});
  manager.ready(quiet_service([&, wait = released.get_future().share()] {
    hangs.set_value();
    wait.wait();
    return Health{false, ""};
  }));
  hangs.get_future().wait();
  CHECK_FALSE(hears_watchdog(at.systemd, 500ms));
  const auto start = std::chrono::steady_clock::now();
  CHECK_FALSE(manager.stop());
  CHECK(std::chrono::steady_clock::now() - start < 2s);
  CHECK(at.systemd.receive() == kStopping);
  released.set_value();
}

TEST_CASE("Without a manager, nothing is checked and nothing is determined") {
  bool used = false;
  ServiceManager manager({"", 10ms});
  manager.ready({.status = "serving",
                 .determine_status = [&](const auto&) { used = true; },
                 .check =
                     [&] {
                       used = true;
                       return Health{true, ""};
                     }});
  manager.reload_begins();
  manager.reload_ends(true);
  std::this_thread::sleep_for(50ms);
  CHECK(manager.stop());
  CHECK_FALSE(used);
}

TEST_CASE("A manager that does not read delays neither reloads nor the end") {
  const Managed at;
  const auto start = std::chrono::steady_clock::now();
  ServiceManager manager({at.path, 50ms});
  manager.ready(quiet_service([] { return Health{true, ""}; }));
  for (int i = 0; i < 2000; ++i) {
    manager.reload_begins();
    manager.reload_ends(true);
  }
  CHECK(manager.stop());
  CHECK(std::chrono::steady_clock::now() - start < 5s);
}
