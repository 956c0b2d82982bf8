#include "rig/web/passed_sockets.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string_view>
#include <utility>

#include "rig/config/config_error.h"
#include "rig/kernel/text.h"
#include "rig/log/log.h"
#include "rig/web/http_server.h"
#include "web/listening_socket.h"

namespace rig {
namespace {

constexpr std::string_view kFlag = "--web.systemd-socket";
constexpr std::string_view kHowToStart =
    "start the service through its socket unit (systemctl start rig_exporter.socket), or use "
    "--web.listen-address instead";

// What the environment says about the sockets. `problem` is why there are none.
struct Announcement {
  int count = 0;
  std::vector<std::string> names;  // FileDescriptorName= of the socket units; may be too few
  std::string problem;
};

// Removes the variable.
std::optional<std::string> take_variable(const char* name) {
  const char* const value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  std::string text(value);
  unsetenv(name);
  return text;
}

std::vector<std::string> split_names(std::string_view list) {
  std::vector<std::string> names;
  while (!list.empty()) {
    const auto end = list.find(':');
    names.emplace_back(list.substr(0, end));
    list.remove_prefix(end == list.npos ? list.size() : end + 1);
  }
  return names;
}

Announcement take_announcement(int first) {
  const auto pid = take_variable("LISTEN_PID");
  const auto count = take_variable("LISTEN_FDS");
  auto names = split_names(take_variable("LISTEN_FDNAMES").value_or(""));
  take_variable("LISTEN_PIDFDID");  // of systemd 258 and later
  if (!pid || !count) return {.names = {}, .problem = "systemd passed no sockets"};
  const auto parsed_pid = parse_number<pid_t>(*pid);
  const auto parsed_count = parse_number<int>(*count);
  if (!parsed_pid || !parsed_count || *parsed_count < 0 ||
      *parsed_count > std::numeric_limits<int>::max() - first)
    return {.names = {},
            .problem = fmt::format(
                R"(LISTEN_PID="{}" and LISTEN_FDS="{}" are not those of systemd)", *pid, *count)};
  // The variables of a parent process, such as a shell.
  if (*parsed_pid != getpid())
    return {.names = {},
            .problem = fmt::format("the sockets of systemd are for process {}, and this is {}",
                                   *parsed_pid, getpid())};
  if (*parsed_count == 0) return {.names = {}, .problem = "systemd passed no sockets"};
  return {.count = *parsed_count, .names = std::move(names), .problem = {}};
}

std::string describe(int fd, const Announcement& announced, int first) {
  const auto index = static_cast<std::size_t>(fd - first);
  if (index >= announced.names.size() || announced.names[index].empty())
    return fmt::format("descriptor {}", fd);
  return fmt::format("descriptor {} ({})", fd, announced.names[index]);
}

std::optional<int> socket_option(int fd, int option) {
  int value = 0;
  socklen_t size = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, option, &value, &size) != 0) return std::nullopt;
  return value;
}

// Why it cannot be served, and what to write in the socket unit; empty if it can.
std::string why_unusable(int fd) {
  const auto type = socket_option(fd, SO_TYPE);
  if (!type && errno == EBADF) return "is not open";
  if (!type) return "is no socket: the socket unit needs ListenStream=";
  const auto domain = socket_option(fd, SO_DOMAIN).value_or(AF_UNSPEC);
  if (domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX)
    return fmt::format(
        "is a socket of address family {}: ListenStream= in the socket unit needs a port, an IP "
        "address or a path",
        domain);
  const auto address = bound_address(fd);
  if (type != SOCK_STREAM)
    return fmt::format("at {} is no stream socket: the socket unit needs ListenStream=", address);
  if (socket_option(fd, SO_ACCEPTCONN).value_or(0) == 0)
    return fmt::format("at {} does not listen: the socket unit needs Accept=no", address);
  return "";
}

}  // namespace

PassedSockets take_passed_sockets(int first) {
  const auto announced = take_announcement(first);
  if (announced.count == 0)
    throw ConfigErrors({fmt::format("{}: {}: {}", kFlag, announced.problem, kHowToStart)});
  PassedSockets passed;
  for (int fd = first; fd < first + announced.count; ++fd) {
    const auto why = why_unusable(fd);
    if (!why.empty())
      throw ListenError(fmt::format("{}: {} {}", kFlag, describe(fd, announced, first), why));
    passed.descriptors.emplace_back(fd);
    passed.addresses.push_back(bound_address(fd));
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
  }
  return passed;
}

void ignore_passed_sockets(int first) {
  const auto announced = take_announcement(first);
  if (announced.count == 0) return;
  log_warn(fmt::format("systemd passed {} sockets, which are not used: {} uses them",
                       announced.count, kFlag));
  for (int fd = first; fd < first + announced.count; ++fd) {
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) return;  // not open: the number was wrong
  }
}

}  // namespace rig
