#include "web/listening_socket.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>

#include "rig/web/http_server.h"
#include "web/unix_socket.h"

namespace rig {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

std::string advice(int error_number) {
  switch (error_number) {
    case EADDRINUSE:
      return "; is another rig_exporter running? Choose another port with --web.listen-address";
    case EACCES:
      return "; ports below 1024 need root: choose another with --web.listen-address";
    case EADDRNOTAVAIL:
      return "; this machine does not have that address";
    default:
      return "";
  }
}

ListenError refused(const ListenAddress& address, int error_number) {
  return ListenError(
      fmt::format("cannot listen on {}: {}{}", to_string(address),
                  std::generic_category().message(error_number), advice(error_number)),
      error_number);
}

AddressList resolve(const ListenAddress& address, int family) {
  addrinfo hints{};
  hints.ai_family = family;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(address.port);
  const int status = getaddrinfo(address.host.empty() ? nullptr : address.host.c_str(),
                                 port.c_str(), &hints, &found);
  if (status != 0) {
    throw ListenError(fmt::format("cannot listen on {}: {}; write an address of this machine",
                                  to_string(address), gai_strerror(status)));
  }
  return {found, freeaddrinfo};
}

std::string bound_address(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  auto* const name = reinterpret_cast<sockaddr*>(&storage);
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (getsockname(fd, name, &size) != 0 ||
      getnameinfo(name, size, host.data(), host.size(), port.data(), port.size(),
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "?";
  return to_string({host.data(), static_cast<std::uint16_t>(std::atoi(port.data()))});
}

// The descriptor, or the negative errno.
int try_to_bind(const addrinfo& at, bool ipv6_only) {
  const int fd = socket(at.ai_family, at.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  const int on = 1;
  const int only = ipv6_only ? 1 : 0;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (at.ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  if (bind(fd, at.ai_addr, at.ai_addrlen) == 0) return fd;
  const int error_number = errno;
  close(fd);
  return -error_number;
}

// A descriptor that is bound to the address and is not listening yet.
int bind_to(const ListenAddress& address) {
  int fd = -EAFNOSUPPORT;
  if (address.host.empty()) {
    fd = try_to_bind(*resolve(address, AF_INET6), false);
    // On a machine without IPv6, socket(2) or bind(2) fails with one of these.
    if (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL)
      fd = try_to_bind(*resolve(address, AF_INET), false);
  } else {
    const auto found = resolve(address, AF_UNSPEC);
    for (const addrinfo* at = found.get(); at != nullptr && fd < 0; at = at->ai_next)
      fd = try_to_bind(*at, true);
  }
  if (fd < 0) throw refused(address, -fd);
  return fd;
}

}  // namespace

ListeningSocket listen_on(const ListenAddress& address) {
  const int fd = bind_to(address);
  if (listen(fd, SOMAXCONN) == 0) return {fd, bound_address(fd)};
  const int error_number = errno;
  close(fd);
  throw refused(address, error_number);
}

// The kernel refuses to bind to an address that is in use.
void check_listen_address(const std::string& text) {
  const auto address = parse_listen_address(text);
  if (address.is_unix()) return check_unix_socket(address.unix_path);
  close(bind_to(address));
}

}  // namespace rig
