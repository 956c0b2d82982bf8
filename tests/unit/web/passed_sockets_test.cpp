#include "rig/web/passed_sockets.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "rig/config/config_error.h"
#include "rig/web/health_check.h"
#include "rig/web/http_server.h"
#include "support/catch.h"
#include "support/temporary_directory.h"
#include "web/listening_socket.h"
#include "web/unix_socket.h"

using namespace rig;

namespace {

// Unlikely to be in use in this process, unlike 3.
constexpr int kFirstOfTest = 700;

void pass(int number, const UniqueFd& socket) { REQUIRE(dup2(socket.get(), number) == number); }

void announce(const std::string& count, pid_t pid = getpid()) {
  setenv("LISTEN_PID", std::to_string(pid).c_str(), 1);
  setenv("LISTEN_FDS", count.c_str(), 1);
  setenv("LISTEN_FDNAMES", "web:metrics", 1);
  setenv("LISTEN_PIDFDID", "7", 1);
}

bool is_announced() {
  for (const char* name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "LISTEN_PIDFDID"}) {
    if (std::getenv(name) != nullptr) return true;
  }
  return false;
}

UniqueFd loopback_listener() { return listen_on({"127.0.0.1", 0}).fd; }

// A ListenError's text. A ConfigErrors' is preceded by "usage: ".
std::string passing_error() {
  try {
    take_passed_sockets(kFirstOfTest);
    return "no error";
  } catch (const ConfigErrors& error) {
    return std::string("usage: ") + error.what();
  } catch (const ListenError& error) {
    return error.what();
  }
}

}  // namespace

TEST_CASE("A server uses the TCP and unix sockets that systemd passed") {
  const TemporaryDirectory directory;
  const auto path = (directory.path() / "passed.sock").string();
  pass(kFirstOfTest, loopback_listener());
  const UniqueFd unix_listener(socket(AF_UNIX, SOCK_STREAM, 0));
  const auto at = unix_socket_address(path);
  REQUIRE(bind(unix_listener.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  REQUIRE(listen(unix_listener.get(), 1) == 0);
  pass(kFirstOfTest + 1, unix_listener);
  fcntl(kFirstOfTest, F_SETFL, 0);  // as systemd passes it: blocking
  announce("2");
  {
    auto passed = take_passed_sockets(kFirstOfTest);
    const auto addresses = passed.addresses;
    const HttpServer server(
        {},
        {{std::string(kHealthyPath),
          [](const HttpRequest&) {
            return HttpResponse{200, "text/plain", std::string(kHealthyBody), {}};
          }}},
        {}, nullptr, {.sockets = std::move(passed.descriptors)});
    CHECK(server.addresses() == addresses);
    REQUIRE(addresses.size() == 2);
    CHECK(addresses[1] == "unix:" + path);
    for (const auto& address : addresses) CHECK(check_health(address).message == "healthy");
    CHECK((fcntl(kFirstOfTest, F_GETFD) & FD_CLOEXEC) != 0);
    CHECK((fcntl(kFirstOfTest, F_GETFL) & O_NONBLOCK) != 0);
  }
  CHECK(fcntl(kFirstOfTest, F_GETFD) == -1);
  CHECK(std::filesystem::exists(path));  // systemd listens there when the exporter has ended
  CHECK_FALSE(is_announced());
}

TEST_CASE("Sockets that were passed to another process are not used") {
  pass(kFirstOfTest, loopback_listener());
  announce("1", getppid());
  CHECK_THAT(passing_error(), ContainsSubstring("usage: ") &&
                                  ContainsSubstring("the sockets of systemd are for process"));
  CHECK_FALSE(is_announced());
  CHECK(fcntl(kFirstOfTest, F_GETFD) == 0);
  for (const char* count : {"0", "-1", "x", "99999999999", "2147483647", ""}) {
    CAPTURE(count);
    announce(count);
    CHECK_THAT(passing_error(), ContainsSubstring("usage: --web.systemd-socket: ") &&
                                    ContainsSubstring("rig_exporter.socket"));
    CHECK_FALSE(is_announced());
  }
  CHECK_THAT(passing_error(), ContainsSubstring("systemd passed no sockets"));  // no variables
  close(kFirstOfTest);
}

TEST_CASE("What is not a listening stream socket is refused by its number and name") {
  const UniqueFd file(open("/dev/null", O_RDONLY));
  const UniqueFd datagrams(socket(AF_INET6, SOCK_DGRAM, 0));
  const UniqueFd not_listening(socket(AF_INET, SOCK_STREAM, 0));
  const UniqueFd packets(socket(AF_UNIX, SOCK_SEQPACKET, 0));
  const std::pair<const UniqueFd*, const char*> refused[] = {
      {&file, "is no socket"},
      {&datagrams, "at [::]:0 is no stream socket"},
      {&not_listening, "at 0.0.0.0:0 does not listen"},
      {&packets, "at unix: is no stream socket"}};
  for (const auto& [wrong, why] : refused) {
    if (!wrong->is_open()) {
      WARN("not tested: this kernel has no IPv6");
      continue;
    }
    pass(kFirstOfTest, loopback_listener());
    pass(kFirstOfTest + 1, *wrong);
    announce("2");
    CHECK_THAT(passing_error(), ContainsSubstring(std::string("descriptor 701 (metrics) ") + why));
    close(kFirstOfTest + 1);
  }
}

TEST_CASE("A socket that was announced and is not open is refused, whatever its number") {
  announce("3");
  CHECK_THAT(passing_error(), ContainsSubstring("descriptor 700 (web) is not open"));
  pass(kFirstOfTest, loopback_listener());
  pass(kFirstOfTest + 1, loopback_listener());
  announce("2000000000");
  CHECK_THAT(passing_error(), ContainsSubstring("descriptor 702 is not open"));
  close(kFirstOfTest + 1);
}

TEST_CASE("Sockets that are not wanted are not inherited by child processes") {
  pass(kFirstOfTest, loopback_listener());
  announce("2");
  ignore_passed_sockets(kFirstOfTest);
  CHECK((fcntl(kFirstOfTest, F_GETFD) & FD_CLOEXEC) != 0);
  CHECK_FALSE(is_announced());
  close(kFirstOfTest);
  ignore_passed_sockets(kFirstOfTest);
}

TEST_CASE("The address of an abstract unix socket begins with an at sign") {
  const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM, 0));
  CHECK(bound_address(fd.get()) == "unix:");
  sockaddr_un at{.sun_family = AF_UNIX, .sun_path = {}};
  const auto name = "rig-test-" + std::to_string(getpid());
  name.copy(at.sun_path + 1, sizeof at.sun_path - 1);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  REQUIRE(bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), size) == 0);
  CHECK(bound_address(fd.get()) == "unix:@" + name);
}
