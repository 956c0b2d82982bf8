#include "raid/raid_assessment.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

namespace rig {
namespace {

using Slots = std::span<const RaidSlot>;

bool in_sync(RaidSlot slot) { return slot == RaidSlot::in_sync; }
bool missing(RaidSlot slot) { return slot == RaidSlot::missing; }
bool not_in_sync(RaidSlot slot) { return slot != RaidSlot::in_sync; }

// How many more members may fail; below 0 if too many have failed already.
using Margin = std::ptrdiff_t;

Margin count_slots(Slots slots, bool (*is)(RaidSlot)) { return std::ranges::count_if(slots, is); }

// RAID 4, 5 and 6. A disk that a reshape is filling holds everything that the new geometry has
// placed on it so far: it counts as lost in the smaller geometry only.
Margin parity_margin(const RaidArray& array, Margin parity_disks) {
  const Slots slots = array.slots;
  const std::size_t now = array.geometry.disks;
  const std::size_t before = array.old_geometry ? array.old_geometry->disks : now;
  const auto lost_now = count_slots(slots.first(now), now > before ? missing : not_in_sync);
  const auto lost_before = count_slots(slots.first(before), now < before ? missing : not_in_sync);
  const Margin left = count_slots(slots, in_sync);  // parity cannot replace the last one
  return std::min(parity_disks - std::max(lost_now, lost_before), left - 1);
}

// The copies of a chunk are on `near` × `far` adjacent slots. The first of these advances by `near`
// with each chunk and wraps around. At least one copy of every chunk must be in sync.
std::optional<Margin> raid10_margin(Slots slots, const RaidGeometry& geometry) {
  constexpr int kOffsetBits = 17;  // higher bits: far sets, which place copies differently
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
    Margin present = 0;
    for (std::size_t i = 0; i < copies; ++i) present += in_sync(used[(first + i) % used.size()]);
    margin = std::min(margin, present - 1);
    first = (first + near) % used.size();
  } while (first != 0);
  return margin;
}

RaidAssessment from_margin(Margin margin) {
  return {margin >= 0, static_cast<std::uint32_t>(std::max(margin, Margin{0}))};
}

RaidAssessment assess_raid10(Slots slots, const RaidGeometry& geometry) {
  if (const auto margin = raid10_margin(slots, geometry)) return from_margin(*margin);
  const Slots used = slots.first(geometry.disks);
  if (std::ranges::all_of(used, in_sync)) return {true, std::nullopt};
  if (std::ranges::none_of(used, in_sync)) return {false, 0};
  return {};
}

// During a reshape the array must be usable in both geometries.
RaidAssessment worse(const RaidAssessment& one, const RaidAssessment& other) {
  RaidAssessment both;
  if (one.usable == false || other.usable == false) return {false, 0};
  if (one.usable && other.usable) both.usable = true;
  if (one.failures_tolerated && other.failures_tolerated)
    both.failures_tolerated = std::min(*one.failures_tolerated, *other.failures_tolerated);
  return both;
}

RaidAssessment assess_raid10(const RaidArray& array) {
  const auto now = assess_raid10(array.slots, array.geometry);
  return array.old_geometry ? worse(now, assess_raid10(array.slots, *array.old_geometry)) : now;
}

RaidAssessment assess_slots(const RaidArray& array) {
  const std::string& level = array.level;
  const Slots now = Slots(array.slots).first(array.geometry.disks);
  if (level == "raid0" || level == "linear" || level == "faulty")
    return from_margin(-count_slots(now, not_in_sync));
  if (level == "raid1" || level == "multipath") return from_margin(count_slots(now, in_sync) - 1);
  if (level == "raid4" || level == "raid5") return from_margin(parity_margin(array, 1));
  if (level == "raid6") return from_margin(parity_margin(array, 2));
  if (level == "raid10") return assess_raid10(array);
  return {};
}

bool slots_known(const RaidArray& array) {
  const std::size_t now = array.geometry.disks;
  const std::size_t before = array.old_geometry ? array.old_geometry->disks : std::size_t{0};
  return now > 0 && array.slots.size() >= std::max(now, before);
}

}  // namespace

RaidAssessment assess(const RaidArray& array) {
  const bool inactive = array.state == "inactive";
  if (array.container == true) return {};
  if (inactive && !array.container) return {};  // may be a container
  if (array.broken || array.journal_lost) return {false, 0};
  if (inactive) return {false, std::nullopt};
  if (!slots_known(array)) return {};
  const RaidAssessment assessment = assess_slots(array);
  // The failures that mdstat reports are certain, but members that seem to be in sync may have
  // vanished.
  if (assessment.usable == true && !array.device_presence_known) return {};
  return assessment;
}

}  // namespace rig
