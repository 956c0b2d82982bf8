#include "raid/raid_assessment.h"

#include <algorithm>
#include <span>

namespace rig {
namespace {

using Slots = std::span<const RaidSlot>;

bool in_sync(RaidSlot slot) { return slot == RaidSlot::in_sync; }
bool missing(RaidSlot slot) { return slot == RaidSlot::missing; }
bool not_in_sync(RaidSlot slot) { return slot != RaidSlot::in_sync; }

// How many more members may go; below 0 when too many have gone.
using Margin = std::ptrdiff_t;

Margin count(Slots slots, bool (*is)(RaidSlot)) { return std::ranges::count_if(slots, is); }

// RAID 4, 5 and 6. A disk that a reshape is filling holds all that the new geometry has placed on
// it so far: it counts as lost in the smaller geometry only.
Margin parity_margin(const RaidHealth& health, Margin parity_disks) {
  const Slots slots = health.slots;
  const std::size_t now = health.geometry.disks;
  const std::size_t before = health.old ? health.old->disks : now;
  const auto lost_now = count(slots.first(now), now > before ? missing : not_in_sync);
  const auto lost_before = count(slots.first(before), now < before ? missing : not_in_sync);
  const Margin left = count(slots, in_sync);  // no parity replaces the last one
  return std::min(parity_disks - std::max(lost_now, lost_before), left - 1);
}

// Every chunk lies on `near` × `far` neighbouring slots, the first of which moves on by `near` with
// each chunk and wraps around: one of them must be there, wherever one begins.
std::optional<Margin> raid10_margin(Slots slots, const RaidGeometry& geometry) {
  constexpr int kOffsetBits = 17;  // above them: far sets, which place copies differently
  const Slots used = slots.first(geometry.disks);
  const std::int64_t layout = geometry.layout.value_or(-1);
  if (layout < 0 || layout >> kOffsetBits != 0) return std::nullopt;
  const auto near = static_cast<std::size_t>(layout & 0xFF);
  const auto far = static_cast<std::size_t>((layout >> 8) & 0xFF);
  const std::size_t copies = near * far;
  if (copies == 0 || copies > used.size()) return std::nullopt;
  auto margin = static_cast<Margin>(copies);
  std::size_t first = 0;
  do {
    Margin there = 0;
    for (std::size_t i = 0; i < copies; ++i) there += in_sync(used[(first + i) % used.size()]);
    margin = std::min(margin, there - 1);
    first = (first + near) % used.size();
  } while (first != 0);
  return margin;
}

RaidAssessment verdict(Margin margin) {
  return {margin >= 0, static_cast<std::uint32_t>(std::max(margin, Margin{0}))};
}

RaidAssessment judge_raid10(Slots slots, const RaidGeometry& geometry) {
  if (const auto margin = raid10_margin(slots, geometry)) return verdict(*margin);
  const Slots used = slots.first(geometry.disks);
  if (std::ranges::all_of(used, in_sync)) return {true, std::nullopt};
  if (std::ranges::none_of(used, in_sync)) return {false, 0};
  return {};
}

// During a reshape both geometries must bear what is lost.
RaidAssessment worse(const RaidAssessment& one, const RaidAssessment& other) {
  RaidAssessment both;
  if (one.usable == false || other.usable == false) return {false, 0};
  if (one.usable && other.usable) both.usable = true;
  if (one.failures_tolerated && other.failures_tolerated)
    both.failures_tolerated = std::min(*one.failures_tolerated, *other.failures_tolerated);
  return both;
}

RaidAssessment judge_raid10(const RaidHealth& health) {
  const auto now = judge_raid10(health.slots, health.geometry);
  return health.old ? worse(now, judge_raid10(health.slots, *health.old)) : now;
}

RaidAssessment judge_level(const RaidHealth& health) {
  const std::string& level = health.level;
  const Slots now = Slots(health.slots).first(health.geometry.disks);
  if (level == "raid0" || level == "linear" || level == "faulty")
    return verdict(-count(now, not_in_sync));
  if (level == "raid1" || level == "multipath") return verdict(count(now, in_sync) - 1);
  if (level == "raid4" || level == "raid5") return verdict(parity_margin(health, 1));
  if (level == "raid6") return verdict(parity_margin(health, 2));
  if (level == "raid10") return judge_raid10(health);
  return {};
}

}  // namespace

RaidAssessment judge(const RaidHealth& health) {
  if (health.broken || health.journal_lost) return {false, 0};
  if (health.inactive) return {false, std::nullopt};
  const std::size_t disks =
      std::max(health.geometry.disks, health.old ? health.old->disks : std::size_t{0});
  if (health.geometry.disks == 0 || health.slots.size() < disks) return {};
  return judge_level(health);
}

}  // namespace rig
