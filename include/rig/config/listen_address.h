// An address to listen on, as written by users: ":10068", "127.0.0.1:0", "[::1]:10068",
// "rig.lan:10068", "unix:/run/rig_exporter/metrics.sock".
#pragma once

#include <cstdint>
#include <string>

namespace rig {

struct ListenAddress {
  std::string host;  // empty: all addresses, IPv4 and IPv6; without brackets
  std::uint16_t port = 0;
  std::string unix_path = {};  // of a unix socket, which has neither host nor port

  bool is_unix() const { return !unix_path.empty(); }
};

// Throws ConfigError, which describes what to write instead.
ListenAddress parse_listen_address(const std::string& text);

// The inverse: formats the address, with brackets where they are needed.
std::string to_string(const ListenAddress& address);

}  // namespace rig
