#include "rig/kernel/raid_array_label.h"

#include <algorithm>

namespace rig {
namespace {

bool is_digit(char letter) { return letter >= '0' && letter <= '9'; }

}  // namespace

bool is_kernel_array_name(std::string_view name) {
  return name.size() > 2 && name.starts_with("md") && (is_digit(name[2]) || name[2] == '_');
}

std::string raid_array_label(std::string_view name) {
  for (const std::string_view prefix : {"/dev/md/", "/dev/", "md/"}) {
    if (!name.starts_with(prefix)) continue;
    name.remove_prefix(prefix.size());
    break;
  }
  if (is_kernel_array_name(name)) return std::string(name);
  const bool is_number = !name.empty() && std::ranges::all_of(name, is_digit);
  return (is_number ? "md" : "md/") + std::string(name);
}

std::string raid_array_pattern(std::string_view name) {
  if (!name.ends_with('*')) return raid_array_label(name);
  name.remove_suffix(1);
  if (name.empty() || name == "md" || name == "/dev/md") return "md*";
  return raid_array_label(name) + "*";
}

bool matches_array_label(std::string_view label, const std::vector<std::string>& patterns) {
  return std::ranges::any_of(patterns, [&](std::string_view pattern) {
    if (!pattern.ends_with('*')) return label == pattern;
    return label.starts_with(pattern.substr(0, pattern.size() - 1));
  });
}

}  // namespace rig
