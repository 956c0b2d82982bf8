#include "rig/web/health_check.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "rig/config/listen_address.h"
#include "rig/kernel/unique_fd.h"
#include "web/security/tls_exchange.h"
#include "web/security/web_policy.h"
#include "web/unix_socket.h"

namespace rig {
namespace {

constexpr timeval kTimeout{.tv_sec = 2, .tv_usec = 0};
constexpr std::string_view kRequest =
    "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

std::string errno_text() { return std::generic_category().message(errno); }

// The address to connect to, for one that means all addresses.
std::string host_to_connect_to(const std::string& host) {
  if (host.empty() || host == "0.0.0.0") return "127.0.0.1";
  return host == "::" ? "::1" : host;
}

Health not_healthy(const std::string& listen_address, std::string_view why) {
  return {false, fmt::format("no healthy rig_exporter on {}: {}", listen_address, why)};
}

Health parse_response(const std::string& listen_address, std::string_view response) {
  if (response.empty()) return not_healthy(listen_address, "connection closed");
  const auto status_line = response.substr(0, response.find("\r\n"));
  const auto end_of_head = response.find("\r\n\r\n");
  const auto body = end_of_head == response.npos ? "" : response.substr(end_of_head + 4);
  if (status_line.starts_with("HTTP/1.1 200 ") && body == kHealthyBody) return {true, "healthy"};
  return {false,
          fmt::format("another program responds on {}: \"{}\"", listen_address, status_line)};
}

std::string exchange(int fd, const TlsContext* tls) {
  if (tls != nullptr) return exchange_over_tls(fd, kRequest, *tls);
  std::array<char, 512> response{};
  if (send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0)
    throw std::runtime_error(errno_text());
  const ssize_t got = recv(fd, response.data(), response.size(), MSG_WAITALL);
  if (got < 0) throw std::runtime_error(errno_text());
  return {response.data(), static_cast<std::size_t>(got)};
}

Health request_health(const std::string& listen_address, const sockaddr& at, socklen_t size,
                      const TlsContext* tls) {
  const UniqueFd socket_fd(socket(at.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int fd = socket_fd.get();
  if (fd < 0) return not_healthy(listen_address, errno_text());
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &kTimeout, sizeof kTimeout);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &kTimeout, sizeof kTimeout);  // for connect() too
  if (connect(fd, &at, size) != 0) return not_healthy(listen_address, errno_text());
  try {
    return parse_response(listen_address, exchange(fd, tls));
  } catch (const std::runtime_error& error) {
    return not_healthy(listen_address, error.what());
  }
}

}  // namespace

Health check_health(const std::string& listen_address, const std::string& web_config_file) {
  const auto policy =
      web_config_file.empty() ? nullptr : std::make_unique<WebPolicy>(web_config_file);
  const auto address = parse_listen_address(listen_address);
  const auto* const tls = policy ? policy->tls.get() : nullptr;
  if (address.is_unix()) {
    const auto at = unix_socket_address(address.unix_path);
    return request_health(listen_address, reinterpret_cast<const sockaddr&>(at), sizeof at, tls);
  }
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int status = getaddrinfo(host_to_connect_to(address.host).c_str(),
                                 std::to_string(address.port).c_str(), &hints, &found);
  if (status != 0) return not_healthy(listen_address, gai_strerror(status));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> at(found, freeaddrinfo);
  return request_health(listen_address, *at->ai_addr, at->ai_addrlen, tls);
}

}  // namespace rig
