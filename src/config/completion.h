// Scripts that make shells complete the command line.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

struct Flag;

// "bash", "zsh", "fish".
std::vector<std::string> completion_shells();

// The script for one of these shells.
std::string completion_script(std::string_view shell, std::span<const Flag> flags);

}  // namespace rig
