#include "config/suggestion.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <vector>

namespace rig {
namespace {

std::size_t edit_distance(std::string_view from, std::string_view to) {
  std::vector<std::size_t> row(to.size() + 1);
  std::iota(row.begin(), row.end(), 0U);
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t replaced = diagonal + (from[i - 1] == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string nearest_word(std::string_view word, std::span<const std::string> valid) {
  std::string nearest;
  // Of a short word, more letters may not differ: "tcsh" does not mean "bash".
  std::size_t least = word.size() <= 4 ? 2 : std::max<std::size_t>(word.size() / 3, 2) + 1;
  for (const auto& candidate : valid) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string suggestion(std::string_view word, std::span<const std::string> valid) {
  const std::string nearest = nearest_word(word, valid);
  if (!nearest.empty()) return fmt::format("; did you mean {}?", nearest);
  return fmt::format("; write one of {}", fmt::join(valid, ", "));
}

}  // namespace rig
