#include "rig/config/listen_address.h"

#include <fmt/format.h>

#include "rig/config/config_error.h"
#include "rig/kernel/text.h"

namespace rig {

ListenAddress parse_listen_address(const std::string& text) {
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
  return {host, *port};
}

std::string to_string(const ListenAddress& address) {
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(is_ipv6 ? "[{}]:{}" : "{}:{}"), address.host, address.port);
}

}  // namespace rig
