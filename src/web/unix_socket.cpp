#include "web/unix_socket.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "rig/web/http_server.h"

namespace rig {
namespace {

std::string_view advice_on_file(int error_number) {
  switch (error_number) {
    case EADDRINUSE:
      return "; another process listens there";
    case ENOENT:
      return "; create its directory, or let systemd create it with RuntimeDirectory=";
    case EACCES:
    case EPERM:
    case EROFS:
      return "; choose a directory in which this user may create files";
    case EEXIST:
      return "; it is not a socket, and is not removed";
    default:
      return "";
  }
}

ListenError refused_file(const std::string& path, int error_number) {
  return ListenError(
      fmt::format("cannot listen on unix:{}: {}{}", path,
                  std::generic_category().message(error_number), advice_on_file(error_number)),
      error_number);
}

UniqueFd unix_stream_socket(const std::string& path) {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) throw refused_file(path, errno);
  return fd;
}

// The errno, or 0.
int bind_to_file(int fd, const std::string& path) {
  const auto at = unix_socket_address(path);
  return bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0 ? 0 : errno;
}

// Whether the file is a socket that nobody listens on. Throws ListenError if the path is in use.
bool is_stale(const std::string& path) {
  struct stat status {};
  if (lstat(path.c_str(), &status) != 0) {
    if (errno == ENOENT) return false;
    throw refused_file(path, errno);
  }
  if (!S_ISSOCK(status.st_mode)) throw refused_file(path, EEXIST);
  const auto fd = unix_stream_socket(path);
  const auto at = unix_socket_address(path);
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&at), sizeof at) == 0)
    throw refused_file(path, EADDRINUSE);
  switch (errno) {
    case ECONNREFUSED:
      return true;
    case ENOENT:
      return false;
    case EAGAIN:      // its queue of connections is full
    case EPROTOTYPE:  // a datagram socket
      throw refused_file(path, EADDRINUSE);
    default:
      throw refused_file(path, errno);
  }
}

}  // namespace

UnixSocketFile::UnixSocketFile(std::string path) : path_(std::move(path)) {
  struct stat status {};
  if (lstat(path_.c_str(), &status) != 0) throw refused_file(path_, errno);
  device_ = status.st_dev;
  inode_ = status.st_ino;
}

UnixSocketFile::UnixSocketFile(UnixSocketFile&& other) noexcept
    : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}

UnixSocketFile::~UnixSocketFile() {
  struct stat status {};
  if (path_.empty() || lstat(path_.c_str(), &status) != 0) return;
  if (status.st_dev == device_ && status.st_ino == inode_) unlink(path_.c_str());
}

UnixListener listen_on_unix_socket(const std::string& path, mode_t mode) {
  auto fd = unix_stream_socket(path);
  // The kernel creates the file with the mode of the socket less the umask: at no time may more
  // users connect than in the end.
  fchmod(fd.get(), mode);
  int error_number = bind_to_file(fd.get(), path);
  if (error_number == EADDRINUSE) {
    if (is_stale(path) && unlink(path.c_str()) != 0 && errno != ENOENT)
      throw refused_file(path, errno);
    error_number = bind_to_file(fd.get(), path);
  }
  if (error_number != 0) throw refused_file(path, error_number);
  UnixSocketFile file(path);
  if (chmod(path.c_str(), mode) != 0 || listen(fd.get(), SOMAXCONN) != 0)
    throw refused_file(path, errno);
  return {std::move(fd), std::move(file)};
}

void check_unix_socket(const std::string& path) {
  is_stale(path);
  const auto directory = std::filesystem::path(path).parent_path();
  if (access(directory.c_str(), W_OK | X_OK) != 0) throw refused_file(path, errno);
}

sockaddr_un unix_socket_address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

}  // namespace rig
