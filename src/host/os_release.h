// os-release: what the operating system calls itself.
// https://www.freedesktop.org/software/systemd/man/latest/os-release.html
#pragma once

#include <string>
#include <string_view>

namespace rig {

// PRETTY_NAME without its quotes; empty when there is none.
std::string parse_pretty_name(std::string_view text);

}  // namespace rig
