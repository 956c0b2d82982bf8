#include "web/weighted_list.h"

#include <strings.h>

#include "rig/kernel/text.h"

namespace rig {
namespace {

bool same_word(std::string_view left, std::string_view right) {
  return left.size() == right.size() && strncasecmp(left.data(), right.data(), left.size()) == 0;
}

std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.starts_with('"') && text.ends_with('"');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

}  // namespace

std::optional<std::string_view> WeightedItem::parameter(std::string_view key) const {
  for (auto left = parameters; !left.empty();) {
    const auto [parameter, rest] = split_at(left, ';');
    const auto [parameter_name, value] = split_at(parameter, '=');
    if (same_word(trim(parameter_name), key)) return unquoted(trim(value));
    left = rest;
  }
  return std::nullopt;
}

bool WeightedItem::is(std::string_view other) const { return same_word(name, other); }

std::vector<WeightedItem> weighted_list(std::string_view header) {
  std::vector<WeightedItem> items;
  while (!header.empty()) {
    const auto [text, rest] = split_at(header, ',');
    const auto [name, parameters] = split_at(text, ';');
    WeightedItem item{trim(name), parameters};
    if (const auto weight = item.parameter("q"))
      item.weight = parse_number<double>(*weight).value_or(0);
    if (!item.name.empty()) items.push_back(item);
    header = rest;
  }
  return items;
}

}  // namespace rig
