#include "web/unix_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <vector>

#include "rig/config/config_error.h"
#include "rig/web/health_check.h"
#include "rig/web/http_server.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

std::string refusal_of(const std::string& path) {
  try {
    listen_on_unix_socket(path, 0600);
  } catch (const ListenError& error) {
    return error.what();
  }
  return "";
}

mode_t mode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(lstat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// As a process that was killed leaves it.
void leave_stale_socket(const std::string& path) {
  const UniqueFd fd(socket(AF_UNIX, SOCK_STREAM, 0));
  const auto at = unix_socket_address(path);
  REQUIRE(bind(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
}

HttpServer healthy_server(const std::string& address) {
  const std::vector<std::string> addresses{address};
  const auto respond = [](const HttpRequest& request) {
    CHECK(request.client.empty());
    HttpResponse response;
    response.body = kHealthyBody;
    return response;
  };
  return HttpServer(addresses, {{std::string(kHealthyPath), respond}});
}

}  // namespace

TEST_CASE("A unix socket has the permissions asked for, whatever the umask is") {
  const TemporaryDirectory directory;
  const auto path = (directory.path() / "a.sock").string();
  const mode_t before = umask(0077);
  for (const mode_t mode : {0660U, 0666U, 0600U, 0777U}) {
    const auto listener = listen_on_unix_socket(path, mode);
    CHECK(mode_of(path) == mode);
  }
  umask(before);
  CHECK_FALSE(exists(path));
}

TEST_CASE("The socket that a killed process left behind is replaced, one in use is not") {
  const TemporaryDirectory directory;
  const auto path = (directory.path() / "a.sock").string();
  leave_stale_socket(path);
  check_unix_socket(path);
  CHECK(exists(path));
  const auto listener = listen_on_unix_socket(path, 0600);
  CHECK_THAT(refusal_of(path), ContainsSubstring("another process listens there"));
  CHECK_THROWS_AS(check_unix_socket(path), ListenError);
  CHECK(exists(path));
}

TEST_CASE("Files that are not sockets are never removed") {
  const TemporaryDirectory directory;
  const auto file = directory.write("file", "text").string();
  const auto fifo = directory.make_fifo("fifo").string();
  const auto link = (directory.path() / "link").string();
  leave_stale_socket((directory.path() / "stale").string());
  REQUIRE(symlink("stale", link.c_str()) == 0);
  for (const auto& path : {file, fifo, link, directory.path().string()}) {
    CAPTURE(path);
    CHECK_THAT(refusal_of(path), ContainsSubstring("is not a socket"));
    CHECK_THROWS_AS(check_unix_socket(path), ListenError);
    struct stat status {};
    CHECK(lstat(path.c_str(), &status) == 0);
  }
}

TEST_CASE("The datagram socket of another process is not removed") {
  const TemporaryDirectory directory;
  const auto path = (directory.path() / "log").string();
  const UniqueFd datagrams(socket(AF_UNIX, SOCK_DGRAM, 0));
  const auto at = unix_socket_address(path);
  REQUIRE(bind(datagrams.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0);
  CHECK_THAT(refusal_of(path), ContainsSubstring("another process listens there"));
  CHECK(exists(path));
}

TEST_CASE("A missing directory and a file in place of it are explained") {
  const TemporaryDirectory directory;
  const auto missing = (directory.path() / "no" / "a.sock").string();
  CHECK_THAT(refusal_of(missing), ContainsSubstring("create its directory"));
  CHECK_THROWS_AS(check_unix_socket(missing), ListenError);
  CHECK_THAT(refusal_of(directory.write("file", "").string() + "/a.sock"),
             ContainsSubstring("Not a directory"));
}

TEST_CASE("At the end, the file of another process in the same place is kept") {
  const TemporaryDirectory directory;
  const auto path = (directory.path() / "a.sock").string();
  std::optional<UnixListener> first = listen_on_unix_socket(path, 0600);
  REQUIRE(rename(path.c_str(), (path + ".old").c_str()) == 0);
  const auto second = listen_on_unix_socket(path, 0600);
  first.reset();
  CHECK(exists(path));
}

TEST_CASE("A server on a unix socket is healthy, and its clients have no address") {
  const TemporaryDirectory directory;
  const auto path = (directory.path() / "a.sock").string();
  const auto address = "unix:" + path;
  {
    auto server = healthy_server(address);
    CHECK(server.addresses() == std::vector<std::string>{address});
    CHECK(check_health(address).healthy);
    CHECK_THROWS_AS(check_listen_address(address), ListenError);
    CHECK(server.stop(std::chrono::seconds(1)));
    CHECK_FALSE(exists(path));
  }
  CHECK_THAT(check_health(address).message, ContainsSubstring("No such file"));
  CHECK_NOTHROW(check_listen_address(address));
}
