#include "gpu_probe/sysfs/power_profile.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "rig/amdgpu/text_formats.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::string_view kProfileFile = "pp_power_profile_mode";
constexpr std::chrono::minutes kReadInterval{1};

struct Profile {
  std::string_view name;
  bool is_set = false;
};

bool is_name_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// " 1 3D_FULL_SCREEN *: …"; std::nullopt for other lines, such as the heading.
std::optional<Profile> parse_profile(std::string_view line) {
  const auto [number, rest] = split_at(trim(line), ' ');
  if (!parse_number<unsigned>(number)) return std::nullopt;
  const std::string_view text = trim(rest);
  const auto end = std::ranges::find_if_not(text, is_name_character);
  const Profile profile{{text.begin(), end}, trim({end, text.end()}).starts_with('*')};
  return profile.name.empty() ? std::nullopt : std::optional(profile);
}

std::string in_lower_case(std::string_view name) {
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

}  // namespace

std::optional<std::string> parse_power_profile(std::string_view text) {
  if (!is_complete(text)) return std::nullopt;
  std::string set;
  bool has_profiles = false;
  for (const auto line : lines(text)) {
    const auto profile = parse_profile(line);
    has_profiles = has_profiles || profile;
    if (!profile || !profile->is_set) continue;
    if (!set.empty()) return std::nullopt;
    set = in_lower_case(profile->name);
  }
  return has_profiles ? std::optional(set) : std::nullopt;
}

std::optional<std::string> PowerProfile::read(FieldReader& device, Clock::time_point now) {
  if (read_at_ && now - *read_at_ < kReadInterval) return latest_;
  latest_.reset();
  read_at_ = now;
  const auto failed_before = device.failed_reads();
  const auto text = device.table(kProfileFile);
  if (device.failed_reads() != failed_before) read_at_.reset();
  if (!text) return std::nullopt;
  if (auto profile = parse_power_profile(*text)) {
    if (!profile->empty()) latest_ = std::move(profile);
  } else {
    device.add_malformed(kProfileFile, *text);
    read_at_.reset();
  }
  return latest_;
}

}  // namespace rig
