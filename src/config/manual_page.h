// The manual page rig_exporter(1), with the same texts as --help.
#pragma once

#include <span>
#include <string>

#include "config/settings.h"

namespace rig {

// In roff, with the macros of man(7).
std::string manual_page(std::span<const Setting> settings);

}  // namespace rig
