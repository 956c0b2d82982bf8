// /etc/os-release: the name of the operating system.
// https://www.freedesktop.org/software/systemd/man/latest/os-release.html
#pragma once

#include <string>
#include <string_view>

namespace rig {

// PRETTY_NAME, unquoted; empty if missing.
std::string parse_pretty_name(std::string_view text);

}  // namespace rig
