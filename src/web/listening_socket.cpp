#include "web/listening_socket.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

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
      return "; this machine does not have that address now: nobody can connect to it";
    case EINVAL:
      return "; a link-local address needs its network interface: [fe80::1%eth0]:10068";
    default:
      return "";
  }
}

template <typename Error = ListenError>
Error refused(const ListenAddress& address, int error_number) {
  return Error(fmt::format("cannot listen on {}: {}{}", to_string(address),
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
  if (status == 0) return {found, freeaddrinfo};
  if (find_zone(address) == 0U) throw refused<NotYetKnown>(address, ENODEV);
  const auto text = fmt::format("cannot listen on {}: {}; write an address of this machine",
                                to_string(address), gai_strerror(status));
  if (status == EAI_AGAIN) throw NotYetKnown(text);
  throw ListenError(text);
}

bool is_numeric(const ListenAddress& address) {
  in_addr unused{};
  return address.host.find(':') != std::string::npos ||
         inet_aton(address.host.c_str(), &unused) != 0;
}

struct SocketName {
  sockaddr_storage storage{};
  socklen_t size = 0;
};

SocketName name_of_socket(int fd) {
  SocketName name{.size = sizeof(sockaddr_storage)};
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&name.storage), &name.size) != 0) return {};
  return name;
}

// An abstract name starts with a null character, and may contain others.
std::string bound_unix_address(const sockaddr_storage& storage, socklen_t size) {
  constexpr std::size_t kBegin = offsetof(sockaddr_un, sun_path);
  const auto& at = reinterpret_cast<const sockaddr_un&>(storage);
  if (size <= kBegin) return "unix:";
  std::string path(at.sun_path, std::min<std::size_t>(size - kBegin, sizeof at.sun_path));
  if (path.front() != '\0') return "unix:" + path.substr(0, path.find('\0'));
  std::ranges::replace(path, '\0', '@');
  return "unix:" + path;
}

unsigned zone_of_socket(int fd) {
  const auto storage = name_of_socket(fd).storage;
  if (storage.ss_family != AF_INET6) return 0;
  const auto& name = reinterpret_cast<const sockaddr_in6&>(storage);
  return IN6_IS_ADDR_LINKLOCAL(&name.sin6_addr) ? name.sin6_scope_id : 0;
}

enum class Freebind : bool { no, yes };

// Allows to bind to an address that the machine does not have.
void set_freebind(int fd, int family) {
  const int on = 1;
  if (family == AF_INET6) {
    setsockopt(fd, IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on);
  } else {
    setsockopt(fd, IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
  }
}

// The descriptor, or the negative errno.
int try_to_bind(const addrinfo& at, bool ipv6_only, Freebind freebind = Freebind::no) {
  const int fd = socket(at.ai_family, at.ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  const int on = 1;
  const int only = ipv6_only ? 1 : 0;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (at.ai_family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof only);
  if (freebind == Freebind::yes) set_freebind(fd, at.ai_family);
  if (bind(fd, at.ai_addr, at.ai_addrlen) == 0) return fd;
  const int error_number = errno;
  close(fd);
  return -error_number;
}

// The descriptor, or the negative errno. What the kernel says about an address that the machine has
// precedes that it lacks another one, and this that it lacks a protocol.
int bind_to_first(const addrinfo* found) {
  int result = -EAFNOSUPPORT;
  for (const auto* at = found; at != nullptr; at = at->ai_next) {
    const int fd = try_to_bind(*at, true);
    if (fd >= 0) return fd;
    if (result == -EAFNOSUPPORT || (result == -EADDRNOTAVAIL && fd != -EAFNOSUPPORT)) result = fd;
  }
  return result;
}

struct BoundSocket {
  UniqueFd fd;  // not listening yet
  bool address_missing = false;
};

BoundSocket bind_to_every_address(const ListenAddress& address) {
  int fd = try_to_bind(*resolve(address, AF_INET6), false);
  // On a machine without IPv6, socket(2) or bind(2) fails with one of these.
  if (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL)
    fd = try_to_bind(*resolve(address, AF_INET), false);
  if (fd < 0) throw refused(address, -fd);
  return {.fd = UniqueFd(fd)};
}

BoundSocket bind_to(const ListenAddress& address, Freebind freebind) {
  if (address.host.empty()) return bind_to_every_address(address);
  const auto found = resolve(address, AF_UNSPEC);
  int fd = bind_to_first(found.get());
  const bool missing = fd == -EADDRNOTAVAIL;
  // Until the machine has the address of a name, the name may get another one.
  if (missing && freebind == Freebind::yes && is_numeric(address))
    fd = try_to_bind(*found, true, Freebind::yes);
  // ENODEV: the interface of a link-local address.
  if (fd == -EADDRNOTAVAIL || fd == -ENODEV) throw refused<NotYetKnown>(address, -fd);
  if (fd < 0) throw refused(address, -fd);
  return {.fd = UniqueFd(fd), .address_missing = missing};
}

}  // namespace

ListeningSocket listen_on(const ListenAddress& address) {
  auto [fd, missing] = bind_to(address, Freebind::yes);
  if (listen(fd.get(), SOMAXCONN) != 0) throw refused(address, errno);
  const int bound = fd.get();
  return {.fd = std::move(fd),
          .address = bound_address(bound),
          .address_missing = missing,
          .zone = zone_of_socket(bound)};
}

// The kernel refuses to bind to an address that is in use.
void check_listen_address(const std::string& text) {
  const auto address = parse_listen_address(text);
  if (address.is_unix()) return check_unix_socket(address.unix_path);
  bind_to(address, Freebind::no);
}

bool machine_has(const ListenAddress& address) {
  try {
    // Any port: the real one is that of the socket that waits for the address.
    bind_to({.host = address.host, .port = 0}, Freebind::no);
    return true;
  } catch (const NotYetKnown&) {
    return false;
  } catch (const ListenError& error) {
    return error.error_number() != EAFNOSUPPORT && error.error_number() != 0;
  }
}

std::optional<unsigned> find_zone(const ListenAddress& address) {
  const auto at = address.host.find('%');
  if (at == std::string::npos) return std::nullopt;
  in6_addr ip{};
  const auto name = address.host.substr(at + 1);
  if (inet_pton(AF_INET6, address.host.substr(0, at).c_str(), &ip) != 1 ||
      !IN6_IS_ADDR_LINKLOCAL(&ip) || name.find_first_not_of("0123456789") == name.npos)
    return std::nullopt;
  return if_nametoindex(name.c_str());
}

std::string bound_address(int fd) {
  const auto [storage, size] = name_of_socket(fd);
  if (storage.ss_family == AF_UNIX) return bound_unix_address(storage, size);
  std::array<char, NI_MAXHOST> host{};
  std::array<char, NI_MAXSERV> port{};
  if (getnameinfo(reinterpret_cast<const sockaddr*>(&storage), size, host.data(), host.size(),
                  port.data(), port.size(), NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "?";
  return to_string({host.data(), static_cast<std::uint16_t>(std::atoi(port.data()))});
}

}  // namespace rig
