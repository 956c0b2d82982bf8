#include "raid/raid_array_from_sysfs.h"

#include <algorithm>
#include <array>
#include <limits>

#include "raid/count.h"
#include "rig/kernel/units.h"

namespace rig {
namespace {

using Role = MdSysfsMember::Role;

constexpr std::uint64_t kBytesPerSector = 512;

// `count` units in bytes; std::nullopt if they do not fit.
std::optional<std::uint64_t> bytes(std::uint64_t count, std::uint64_t unit) {
  if (count > std::numeric_limits<std::uint64_t>::max() / unit) return std::nullopt;
  return count * unit;
}

bool is_present(const MdSysfsMember& member) { return member.device_present != false; }

bool is_faulty(const MdSysfsMember& member) { return member.has("faulty"); }

bool is_active(const MdSysfsMember& member) {
  return member.role == Role::slot && member.has("in_sync") && !is_faulty(member) &&
         is_present(member);
}

// md flags a disk that is being rebuilt as a spare, like one that is not in use, but assigns a slot
// to it.
bool is_rebuilding(const MdSysfsMember& member) {
  return member.role == Role::slot && member.has("spare");
}

bool is_waiting_spare(const MdSysfsMember& member) {
  return member.role == Role::none && member.has("spare");
}

bool is_working_journal(const MdSysfsMember& member) {
  return member.has("journal") && !is_faulty(member) && is_present(member);
}

bool all_members_known(const MdSysfs& sysfs) {
  return std::ranges::all_of(
      sysfs.members, [](const auto& m) { return m.role != Role::unknown && m.state_known; });
}

std::string slot_label(const MdSysfsMember& member) {
  switch (member.role) {
    case Role::slot:
      return std::to_string(member.slot);
    case Role::none:
      return "none";
    case Role::journal:
      return "journal";
    case Role::unknown:
      break;
  }
  return "";
}

RaidMember member_of(const MdSysfsMember& member) {
  constexpr auto kFlagsOfMd = std::to_array<std::string_view>(
      {"blocked", "external_bbl", "failfast", "faulty", "in_sync", "journal", "replacement",
       "want_replacement", "write_error", "write_mostly"});
  RaidMember result;
  result.name = member.name;
  result.present = member.device_present;
  result.slot = slot_label(member);
  result.corrected_read_errors = member.corrected_read_errors;
  if (member.bad_blocks_sectors)
    result.bad_blocks_bytes = *member.bad_blocks_sectors * kBytesPerSector;
  if (!member.state_known) return result;
  result.states.reserve(kFlagsOfMd.size() + 2);
  for (const auto flag : kFlagsOfMd) result.states.emplace_back(flag, member.has(flag));
  if (member.role == Role::unknown) return result;
  result.states.emplace_back("rebuilding", is_rebuilding(member));
  result.states.emplace_back("spare", member.has("spare") && !is_rebuilding(member));
  std::ranges::sort(result.states);  // the order in which samples are added fastest
  return result;
}

std::vector<RaidSlot> slots_of(const MdSysfs& sysfs) {
  if (!sysfs.raid_disks || !all_members_known(sysfs)) return {};
  const auto disks =
      std::max(sysfs.raid_disks->now, sysfs.raid_disks->before.value_or(std::int64_t{0}));
  if (disks <= 0 || disks > kMaxRaidDisks) return {};
  std::vector<RaidSlot> slots(static_cast<std::size_t>(disks), RaidSlot::missing);
  for (const auto& member : sysfs.members) {
    if (member.role != Role::slot || member.slot >= slots.size()) continue;
    RaidSlot& slot = slots[member.slot];
    if (is_active(member)) {
      slot = RaidSlot::in_sync;
    } else if (is_rebuilding(member) && is_present(member) && slot == RaidSlot::missing) {
      slot = RaidSlot::rebuilding;
    }
  }
  return slots;
}

RaidDisks count_disks(const MdSysfs& sysfs, const std::vector<RaidSlot>& slots) {
  RaidDisks disks;
  if (!all_members_known(sysfs)) return disks;
  disks.active = count(sysfs.members, is_active);
  disks.rebuilding = count(sysfs.members, [](const auto& member) {
    return is_rebuilding(member) && is_present(member);
  });
  disks.spare = count(sysfs.members, [](const auto& member) {
    return is_waiting_spare(member) && is_present(member);
  });
  disks.faulty = count(sysfs.members, is_faulty);
  disks.journal = count(sysfs.members, is_working_journal);
  if (!slots.empty())
    disks.missing = count(slots, [](RaidSlot slot) { return slot == RaidSlot::missing; });
  return disks;
}

void set_members(RaidArray& array, const MdSysfs& sysfs) {
  for (const auto& member : sysfs.members) array.members.push_back(member_of(member));
  array.slots = slots_of(sysfs);
  array.disks = count_disks(sysfs, array.slots);
  array.journal_lost = sysfs.consistency_policy == "journal" && all_members_known(sysfs) &&
                       std::ranges::none_of(sysfs.members, is_working_journal);
  array.device_presence_known = true;
}

void set_geometry(RaidArray& array, const MdSysfs& sysfs) {
  const auto old_layout = sysfs.layout ? sysfs.layout->before : std::nullopt;
  if (sysfs.layout) array.layout = sysfs.layout->now;
  if (array.slots.empty()) return;
  const MdReshaped& disks = *sysfs.raid_disks;
  array.geometry = {static_cast<std::size_t>(disks.now), array.layout};
  if (!disks.before && !old_layout) return;
  const auto old_disks = static_cast<std::size_t>(disks.before.value_or(disks.now));
  array.old_geometry = {old_disks, old_layout ? old_layout : array.layout};
}

void set_sizes(RaidArray& array, const MdSysfs& sysfs) {
  constexpr auto kMax = std::numeric_limits<std::uint32_t>::max();
  if (sysfs.size_sectors) array.size_bytes = bytes(*sysfs.size_sectors, kBytesPerSector);
  if (sysfs.component_size_kib.value_or(0) != 0)
    array.component_size_bytes = bytes(*sysfs.component_size_kib, kBytesPerKiB);
  if (sysfs.chunk_size_bytes && sysfs.chunk_size_bytes->now > 0)
    array.chunk_bytes = static_cast<std::uint64_t>(sysfs.chunk_size_bytes->now);
  if (sysfs.raid_disks && sysfs.raid_disks->now > 0 && sysfs.raid_disks->now <= kMax)
    array.disks_required = static_cast<std::uint32_t>(sysfs.raid_disks->now);
}

void set_sync_progress(RaidSync& sync, const MdSysfs& sysfs) {
  // sync_speed alone does not mean that a sync is running: it keeps the speed of the last one.
  if (!sysfs.sync_completed) return;
  const auto done = static_cast<double>(sysfs.sync_completed->done_sectors);
  const auto total = static_cast<double>(sysfs.sync_completed->total_sectors);
  if (total <= 0 || done > total) return;
  sync.progress_ratio = done / total;
  if (!sysfs.sync_speed_kib_per_second) return;
  const double speed =
      static_cast<double>(*sysfs.sync_speed_kib_per_second) * static_cast<double>(kBytesPerKiB);
  sync.speed_bytes_per_second = speed;
  if (speed > 0)
    sync.remaining_seconds = (total - done) * static_cast<double>(kBytesPerSector) / speed;
}

RaidSync sync_of(const MdSysfs& sysfs) {
  RaidSync sync;
  sync.action = sysfs.sync_action;
  sync.delayed = sysfs.sync_delayed;
  const bool no_sync_running = sysfs.sync_action == "idle" || sysfs.sync_action == "frozen";
  sync.pending = no_sync_running && sysfs.resync_start_sectors.has_value();
  set_sync_progress(sync, sysfs);
  return sync;
}

std::optional<RaidMismatch> mismatch_of(const MdSysfs& sysfs) {
  if (!sysfs.mismatch_sectors) return std::nullopt;
  // mismatch_cnt is 0 before the first sync, too.
  if (!sysfs.last_sync_action || sysfs.last_sync_action == "none") return std::nullopt;
  return RaidMismatch{*sysfs.mismatch_sectors, *sysfs.last_sync_action};
}

}  // namespace

std::optional<RaidArray> from_sysfs(std::string_view name, const MdSysfs& sysfs) {
  if (!sysfs.array_state) return std::nullopt;
  RaidArray array;
  array.name = name;
  array.state = *sysfs.array_state;
  std::replace(array.state->begin(), array.state->end(), '-', '_');
  array.broken = array.state == "broken";
  array.level = sysfs.level.value_or("");
  array.metadata = sysfs.metadata_version.value_or("");
  array.container = is_container_metadata(array.metadata);
  array.uuid = sysfs.uuid.value_or("");
  array.consistency_policy = sysfs.consistency_policy.value_or("");
  set_members(array, sysfs);
  set_geometry(array, sysfs);
  set_sizes(array, sysfs);
  array.degraded_disks = sysfs.degraded;
  array.has_redundancy = sysfs.sync_action.has_value();
  array.sync = sync_of(sysfs);
  array.mismatch = mismatch_of(sysfs);
  array.bitmap_type = sysfs.bitmap_type;
  array.bitmap_chunks = sysfs.bitmap_chunks;
  array.stripe_cache_size = sysfs.stripe_cache_size;
  array.stripe_cache_active = sysfs.stripe_cache_active;
  return array;
}

}  // namespace rig
