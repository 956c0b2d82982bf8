#include "rig/web/health_check.h"

#include <fmt/format.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <system_error>
#include <vector>

#include "rig/config/listen_address.h"
#include "rig/web/web_security.h"
#include "web/security/web_policy.h"
#include "web/unix_socket.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTimeout{2000};
// Of a response; that of a server with many headers of its own is well below.
constexpr std::size_t kMaxResponse = 65536;
constexpr std::string_view kRequest =
    "GET /-/healthy HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

std::string errno_text() { return std::generic_category().message(errno); }

// The addresses to connect to, for one that means all addresses. The second one is for a machine
// that does not have the first.
std::vector<std::string> hosts_to_connect_to(const std::string& host) {
  if (host.empty() || host == "0.0.0.0") return {"127.0.0.1"};
  if (host == "::") return {"::1", "127.0.0.1"};
  return {host};
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
  // As many clients as it allows.
  if (status_line.starts_with("HTTP/1.1 503 ")) return not_healthy(listen_address, status_line);
  return {false,
          fmt::format("another program responds on {}: \"{}\"", listen_address, status_line)};
}

std::string exchange_as_text(int fd, milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  if (send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) < 0)
    throw std::runtime_error(errno_text());
  std::string response;
  std::array<char, 4096> part;
  while (response.size() < kMaxResponse) {
    if (std::chrono::steady_clock::now() > deadline) throw std::runtime_error("timed out");
    const ssize_t got = recv(fd, part.data(), part.size(), 0);
    if (got < 0) throw std::runtime_error(errno_text());
    if (got == 0) break;
    response.append(part.data(), static_cast<std::size_t>(got));
  }
  return response;
}

// How to ask for the health: the name of the server for messages, and what its TLS needs.
struct HealthRequest {
  std::string server;
  const TlsContext* tls = nullptr;
  milliseconds timeout = kTimeout;

  Health failed(std::string_view why) const { return not_healthy(server, why); }

  // For connect(2) too.
  void limit_waiting(int fd) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
    const std::chrono::microseconds rest = timeout - seconds;
    const timeval limit{.tv_sec = seconds.count(), .tv_usec = rest.count()};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  }

  Health over(int connection) const {
    limit_waiting(connection);
    try {
      return parse_response(server, tls != nullptr ? tls->exchange(connection, kRequest)
                                                   : exchange_as_text(connection, timeout));
    } catch (const std::runtime_error& error) {
      return failed(error.what());
    }
  }

  // The machine may not have the address: then `absent` is set.
  Health at(const sockaddr& address, socklen_t size, bool& absent) const {
    const UniqueFd fd(socket(address.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (fd.is_open()) limit_waiting(fd.get());
    if (fd.is_open() && connect(fd.get(), &address, size) == 0) return over(fd.get());
    absent = errno == EADDRNOTAVAIL || errno == EAFNOSUPPORT || errno == ENETUNREACH;
    return failed(errno_text());
  }

  Health at(const std::string& host, std::uint16_t port, bool& absent) const {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const int status = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
    if (status != 0) return failed(gai_strerror(status));
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> first(found, freeaddrinfo);
    return at(*first->ai_addr, first->ai_addrlen, absent);
  }

  Health at(const ListenAddress& address) const {
    bool absent = false;
    if (address.is_unix()) {
      const auto unix_address = unix_socket_address(address.unix_path);
      return at(reinterpret_cast<const sockaddr&>(unix_address), sizeof unix_address, absent);
    }
    Health health;
    for (const auto& host : hosts_to_connect_to(address.host)) {
      health = at(host, address.port, absent);
      if (!absent) break;
    }
    return health;
  }
};

std::shared_ptr<const WebPolicy> policy_in_effect(const WebSecurity* security) {
  return security == nullptr ? nullptr : security->policy();
}

}  // namespace

Health check_health(const std::string& listen_address, const std::string& web_config_file) {
  const auto policy =
      web_config_file.empty() ? nullptr : std::make_unique<WebPolicy>(web_config_file);
  return HealthRequest{listen_address, policy ? policy->tls.get() : nullptr}.at(
      parse_listen_address(listen_address));
}

Health check_own_health(const std::string& listen_address, const WebSecurity* security,
                        milliseconds timeout) {
  const auto policy = policy_in_effect(security);
  return HealthRequest{listen_address, policy ? policy->tls.get() : nullptr, timeout}.at(
      parse_listen_address(listen_address));
}

Health check_own_health(const UniqueFd& connection, const WebSecurity* security,
                        milliseconds timeout) {
  const auto policy = policy_in_effect(security);
  return HealthRequest{"its own connection", policy ? policy->tls.get() : nullptr, timeout}.over(
      connection.get());
}

}  // namespace rig
