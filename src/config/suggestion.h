// Finds what a misspelled word may have meant.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace rig {

// The word of `valid` that is most similar to `word`; empty if none is similar.
std::string nearest_word(std::string_view word, std::span<const std::string> valid);

// "; did you mean X?", or a list of the valid words if none is similar.
std::string suggestion(std::string_view word, std::span<const std::string> valid);

}  // namespace rig
