#include "rig/raid_usable.h"

#include <algorithm>
#include <span>

namespace rig {
namespace {

using Slots = std::span<const RaidSlot>;

bool in_sync(RaidSlot slot) { return slot == RaidSlot::in_sync; }
bool missing(RaidSlot slot) { return slot == RaidSlot::missing; }
bool not_in_sync(RaidSlot slot) { return slot != RaidSlot::in_sync; }

// RAID 4, 5 and 6. A disk that a reshape is filling holds all that the new geometry has placed on
// it so far: it counts as lost in the smaller geometry only.
bool parity_bears(const RaidHealth& health, std::ptrdiff_t tolerated) {
  const Slots slots = health.slots;
  if (std::ranges::none_of(slots, in_sync)) return false;
  const std::size_t now = health.geometry.disks;
  const std::size_t before = health.old ? health.old->disks : now;
  const auto lost_now = now > before ? std::ranges::count_if(slots.first(now), missing)
                                     : std::ranges::count_if(slots.first(now), not_in_sync);
  const auto lost_before = now < before ? std::ranges::count_if(slots.first(before), missing)
                                        : std::ranges::count_if(slots.first(before), not_in_sync);
  return std::max(lost_now, lost_before) <= tolerated;
}

// Every chunk lies on `near` × `far` neighbouring slots, the first of which moves on by `near` with
// each chunk and wraps around: one of them must be there, wherever one begins.
std::optional<bool> raid10_bears(Slots slots, const RaidGeometry& geometry) {
  constexpr int kOffsetBits = 17;  // above them: far sets, which place copies differently
  const Slots used = slots.first(geometry.disks);
  if (std::ranges::all_of(used, in_sync)) return true;
  if (std::ranges::none_of(used, in_sync)) return false;
  const std::int64_t layout = geometry.layout.value_or(-1);
  if (layout < 0 || layout >> kOffsetBits != 0) return std::nullopt;
  const auto near = static_cast<std::size_t>(layout & 0xFF);
  const auto far = static_cast<std::size_t>((layout >> 8) & 0xFF);
  const std::size_t copies = near * far;
  if (copies == 0 || copies > used.size()) return std::nullopt;
  std::size_t first = 0;
  do {
    bool there = false;
    for (std::size_t i = 0; i < copies; ++i)
      there = there || in_sync(used[(first + i) % used.size()]);
    if (!there) return false;
    first = (first + near) % used.size();
  } while (first != 0);
  return true;
}

std::optional<bool> raid10_bears(const RaidHealth& health) {
  const auto now = raid10_bears(health.slots, health.geometry);
  if (!health.old || now == false) return now;
  const auto before = raid10_bears(health.slots, *health.old);
  return before == true ? now : before;
}

std::optional<bool> level_bears(const RaidHealth& health) {
  const std::string& level = health.level;
  const Slots now = Slots(health.slots).first(health.geometry.disks);
  if (level == "raid0" || level == "linear" || level == "faulty")
    return std::ranges::all_of(now, in_sync);
  if (level == "raid1" || level == "multipath") return std::ranges::any_of(now, in_sync);
  if (level == "raid4" || level == "raid5") return parity_bears(health, 1);
  if (level == "raid6") return parity_bears(health, 2);
  if (level == "raid10") return raid10_bears(health);
  return std::nullopt;
}

}  // namespace

std::optional<bool> usable(const RaidHealth& health) {
  if (health.broken || health.inactive) return false;
  const std::size_t disks =
      std::max(health.geometry.disks, health.old ? health.old->disks : std::size_t{0});
  if (health.geometry.disks == 0 || health.slots.size() < disks) return std::nullopt;
  return level_bears(health);
}

}  // namespace rig
