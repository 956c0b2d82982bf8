#include "rig/config/listen_address.h"

#include <fmt/format.h>
#include <sys/un.h>

#include <string_view>

#include "rig/config/config_error.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::string_view kUnix = "unix:";
// Of the kernel, without the terminating null character.
constexpr std::size_t kMaxUnixPath = sizeof(sockaddr_un::sun_path) - 1;

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
  return {.host = host, .port = *port};
}

std::string to_string(const ListenAddress& address) {
  if (address.is_unix()) return fmt::format("{}{}", kUnix, address.unix_path);
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(is_ipv6 ? "[{}]:{}" : "{}:{}"), address.host, address.port);
}

}  // namespace rig
