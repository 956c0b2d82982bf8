#include "app/notify_socket.h"

#include <chrono>

#include "app/manager_socket.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

std::string notify_path(const TemporaryDirectory& directory) {
  return (directory.path() / "notify").string();
}

}  // namespace

TEST_CASE("Messages reach a socket with a path and an abstract one") {
  const TemporaryDirectory directory;
  const std::string abstract = "@rig_exporter_test_" + std::to_string(getpid());
  // The name of an abstract socket may have the full length.
  const std::string longest = abstract + std::string(108 - abstract.size(), 'x');
  for (const auto& name : {notify_path(directory), abstract, longest}) {
    CAPTURE(name);
    const ManagerSocket manager(name);
    NotifySocket socket(name);
    REQUIRE(socket.is_open());
    socket.post("READY=1");
    CHECK(manager.receive() == "READY=1");
    CHECK(socket.send("WATCHDOG=1"));
    CHECK(manager.receive() == "WATCHDOG=1");
  }
}

TEST_CASE("A manager without room delays nothing, and gets what was posted later and in order") {
  const TemporaryDirectory directory;
  const ManagerSocket manager(notify_path(directory));
  NotifySocket socket(notify_path(directory));
  const auto start = std::chrono::steady_clock::now();
  int sent = 0;
  while (socket.send("x")) ++sent;
  socket.post("first");
  socket.post("second");
  CHECK_FALSE(socket.flush());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
  while (sent-- > 0) CHECK(manager.receive() == "x");
  CHECK(socket.flush());
  CHECK(manager.receive() == "first");
  CHECK(manager.receive() == "second");
}

TEST_CASE("Of too many messages without room the oldest are dropped") {
  const TemporaryDirectory directory;
  const ManagerSocket manager(notify_path(directory));
  NotifySocket socket(notify_path(directory));
  while (socket.send("x")) continue;
  for (int i = 0; i < 1000; ++i) socket.post(std::to_string(i));
  std::string last;
  int received = 0;
  while (!socket.flush() || last != "999") {
    if (const auto message = manager.receive(); message != "x") {
      last = message;
      ++received;
    }
  }
  CHECK(received <= 20);
}

TEST_CASE("A manager that is gone is no reason to wait, and one that comes back is notified") {
  const TemporaryDirectory directory;
  const auto path = notify_path(directory);
  NotifySocket socket(path);
  CHECK(socket.send("WATCHDOG=1"));
  socket.post("READY=1");
  CHECK(socket.flush());
  const ManagerSocket manager(path);
  socket.post("STATUS=here");
  CHECK(manager.receive() == "STATUS=here");
}

TEST_CASE("Without a manager, or with an address of another kind, nothing is sent") {
  for (const std::string& address :
       {std::string(), std::string("relative/path"), std::string("@"), std::string("/"),
        std::string("vsock:2:1234"), "/" + std::string(200, 'a'), std::string("@\xff\n")}) {
    CAPTURE(address);
    NotifySocket socket(address);
    socket.post("READY=1");
    CHECK(socket.send("WATCHDOG=1"));
    CHECK(socket.flush());
  }
  CHECK_FALSE(NotifySocket("").is_open());
  CHECK_FALSE(NotifySocket("vsock:2:1234").is_open());
}
