// An input that stands for several files: a line "@ NAME", then the content of the file, which ends
// before the next such line.
#pragma once

#include <algorithm>
#include <string_view>

#include "rig/kernel/text.h"

namespace rig {

// Calls function(name, content) for each file.
template <typename Function>
void for_each_file(std::string_view input, const Function& function) {
  constexpr std::string_view kMark = "@ ";
  while (input.starts_with(kMark)) {
    const auto end = std::min(input.find("\n@ "), input.size());
    const auto [name, content] = split_at(input.substr(kMark.size(), end - kMark.size()), '\n');
    function(name, content);
    input = input.substr(std::min(end + 1, input.size()));
  }
}

}  // namespace rig
