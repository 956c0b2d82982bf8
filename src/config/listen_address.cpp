#include "rig/config/listen_address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/un.h>

#include <algorithm>
#include <string_view>

#include "rig/config/config_error.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::string_view kUnix = "unix:";
// Of the kernel, without the terminating null character.
constexpr std::size_t kMaxUnixPath = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t kMaxHostName = 253;

ListenAddress parse_unix_address(const std::string& text) {
  const auto path = text.substr(kUnix.size());
  const auto refuse = [&](std::string_view why) {
    return ConfigError(fmt::format(
        "\"{}\" {}: write a file for the socket, such as unix:/run/rig_exporter/metrics.sock", text,
        why));
  };
  if (!path.starts_with('/')) throw refuse("has no absolute path");
  if (path.ends_with('/')) throw refuse("has the path of a directory");
  if (path.find('\0') != path.npos) throw refuse("contains a null character");
  if (path.size() > kMaxUnixPath)
    throw refuse(
        fmt::format("has a path of {} bytes, and the kernel allows {}", path.size(), kMaxUnixPath));
  return {.host = "", .port = 0, .unix_path = path};
}

// The zone of "fe80::1%eth0", a network interface, need not exist yet.
bool is_ipv6_host(const std::string& host) {
  const auto zone = host.find('%');
  in6_addr unused{};
  return zone + 1 != host.size() && inet_pton(AF_INET6, host.substr(0, zone).c_str(), &unused) == 1;
}

// Whether it may become an address at some time. Digits and dots only are no name.
bool is_name_or_ipv4_host(const std::string& host) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.';
  };
  if (!std::ranges::all_of(host, allowed) || host.size() > kMaxHostName) return false;
  in_addr unused{};
  return host.find_first_not_of("0123456789.") != host.npos ||
         inet_aton(host.c_str(), &unused) != 0;
}

}  // namespace

ListenAddress parse_listen_address(const std::string& text) {
  if (text.starts_with(kUnix)) return parse_unix_address(text);
  const auto refuse = [&](std::string_view why) {
    return ConfigError(fmt::format(
        "\"{}\" {}: write an address and a port, such as :10068, 127.0.0.1:10068 or [::1]:10068",
        text, why));
  };
  const auto colon = text.rfind(':');
  if (colon == text.npos) throw refuse("has no port");
  const auto port = parse_number<std::uint16_t>(std::string_view(text).substr(colon + 1));
  if (!port) throw refuse("has no port from 0 to 65535");

  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != host.npos) {
    throw refuse("is an IPv6 address without brackets");
  }
  if (host.find(':') != host.npos) {
    if (!is_ipv6_host(host)) throw refuse("has no IPv6 address in the brackets");
  } else if (!host.empty() && !is_name_or_ipv4_host(host)) {
    throw refuse("has neither an address nor a host name");
  }
  return {.host = host, .port = *port};
}

std::string to_string(const ListenAddress& address) {
  if (address.is_unix()) return fmt::format("{}{}", kUnix, address.unix_path);
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(is_ipv6 ? "[{}]:{}" : "{}:{}"), address.host, address.port);
}

}  // namespace rig
