// User names and passwords in HTTP requests (RFC 7617).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rig {

struct Credentials {
  std::string user;
  std::string password;
};

// Of an Authorization header. Absent if it has another scheme or is malformed.
std::optional<Credentials> parse_basic_credentials(std::string_view header);

}  // namespace rig
