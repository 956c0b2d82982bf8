#include "raid/raid_layout_name.h"

#include <array>
#include <span>

namespace rig {
namespace {

struct LayoutName {
  std::int64_t number;
  std::string_view name;
};

// ALGORITHM_* in drivers/md/raid5.h.
constexpr auto kParityLayouts = std::to_array<LayoutName>({{0, "left-asymmetric"},
                                                           {1, "right-asymmetric"},
                                                           {2, "left-symmetric"},
                                                           {3, "right-symmetric"},
                                                           {4, "parity-first"},
                                                           {5, "parity-last"},
                                                           {8, "ddf-zero-restart"},
                                                           {9, "ddf-N-restart"},
                                                           {10, "ddf-N-continue"},
                                                           {16, "left-asymmetric-6"},
                                                           {17, "right-asymmetric-6"},
                                                           {18, "left-symmetric-6"},
                                                           {19, "right-symmetric-6"},
                                                           {20, "parity-first-6"}});
constexpr auto kRaid0Layouts = std::to_array<LayoutName>({{1, "original"}, {2, "alternate"}});

std::string name_or_number(std::span<const LayoutName> names, std::int64_t layout) {
  for (const LayoutName& entry : names) {
    if (entry.number == layout) return std::string(entry.name);
  }
  return layout > 0 ? std::to_string(layout) : "";
}

std::string raid10_layout_name(std::int64_t layout) {
  const auto near = layout & 0xFF;
  const auto far = (layout >> 8) & 0xFF;
  const bool offset = ((layout >> 16) & 1) != 0;
  std::string name;
  if (near > 1 || far <= 1) name = "near=" + std::to_string(near);
  if (far > 1) {
    if (!name.empty()) name += ", ";
    name += (offset ? "offset=" : "far=") + std::to_string(far);
  }
  return name;
}

}  // namespace

std::string raid_layout_name(std::string_view level, std::int64_t layout) {
  if (level == "raid5" || level == "raid6") return name_or_number(kParityLayouts, layout);
  if (level == "raid0") return name_or_number(kRaid0Layouts, layout);
  if (level == "raid10" && layout > 0) return raid10_layout_name(layout);
  return "";
}

}  // namespace rig
