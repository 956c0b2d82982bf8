// /etc/os-release: the name of the operating system.
// https://www.freedesktop.org/software/systemd/man/latest/os-release.html
#pragma once

#include <string>
#include <string_view>

namespace rig {

// PRETTY_NAME or, without it, NAME and VERSION (or VERSION_ID), unquoted; empty if all are missing.
std::string parse_os_name(std::string_view text);

}  // namespace rig
