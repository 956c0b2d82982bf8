// An address to listen at, as people write it: ":10068", "127.0.0.1:0", "[::1]:10068",
// "rig.lan:10068".
#pragma once

#include <cstdint>
#include <string>

namespace rig {

struct ListenAddress {
  std::string host;  // empty: all addresses, IPv4 and IPv6; without brackets
  std::uint16_t port = 0;
};

// Throws ConfigError that says what to write instead.
ListenAddress parse_listen_address(const std::string& text);

// The other way, with brackets where they are needed.
std::string to_string(const ListenAddress& address);

}  // namespace rig
