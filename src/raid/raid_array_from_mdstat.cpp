#include "raid/raid_array_from_mdstat.h"

#include <algorithm>
#include <string>
#include <vector>

#include "raid/count.h"
#include "rig/kernel/units.h"

namespace rig {
namespace {

constexpr double kSecondsPerMinute = 60;

std::optional<std::string> state_of(const MdstatArray& mdstat) {
  if (mdstat.state.empty()) return std::nullopt;
  if (mdstat.state != "active") return mdstat.state;
  if (mdstat.read_only) return "readonly";
  if (mdstat.auto_read_only) return "read_auto";
  return mdstat.state;
}

// As md/layout numbers it.
std::optional<std::int64_t> layout_of(const MdstatArray& mdstat) {
  if (mdstat.algorithm) return *mdstat.algorithm;
  if (!mdstat.raid10 || mdstat.raid10->devices_per_set) return std::nullopt;
  return std::int64_t{mdstat.raid10->near_copies} | std::int64_t{mdstat.raid10->far_copies} << 8 |
         std::int64_t{mdstat.raid10->offset} << 16;
}

std::optional<std::uint32_t> degraded_disks(const MdstatArray& mdstat) {
  if (!mdstat.disks_required || !mdstat.disks_working) return std::nullopt;
  if (*mdstat.disks_working > *mdstat.disks_required) return std::nullopt;
  return *mdstat.disks_required - *mdstat.disks_working;
}

std::vector<RaidSlot> slots_of(const MdstatArray& mdstat) {
  if (mdstat.level == "raid4" || mdstat.level == "raid5" || mdstat.level == "raid6") {
    // The pattern shows a disk that a reshape is filling as missing; md's own count does not.
    if (!mdstat.disks_required || !mdstat.disks_working || *mdstat.disks_required > kMaxRaidDisks)
      return {};
    std::vector<RaidSlot> slots(*mdstat.disks_required, RaidSlot::missing);
    std::fill_n(slots.begin(), std::min(*mdstat.disks_working, *mdstat.disks_required),
                RaidSlot::in_sync);
    return slots;
  }
  std::vector<RaidSlot> slots;
  for (const char letter : mdstat.slots)
    slots.push_back(letter == '_' ? RaidSlot::missing : RaidSlot::in_sync);
  return slots;
}

RaidMember member_of(const MdstatMember& member) {
  RaidMember result;
  result.name = member.name;
  result.states = {{"faulty", member.faulty},
                   {"journal", member.journal},
                   {"write_mostly", member.write_mostly}};
  if (member.faulty) return result;
  result.states.emplace_back("replacement", member.replacement);
  // A journal device has no slot either.
  result.states.emplace_back("spare", member.spare && !member.journal);
  return result;
}

// `active` is left out: some of the disks in sync may have vanished.
RaidDisks count_disks(const MdstatArray& mdstat) {
  RaidDisks disks;
  disks.faulty = count(mdstat.members, [](const auto& m) { return m.faulty; });
  disks.journal = count(mdstat.members, [](const auto& m) { return m.journal && !m.faulty; });
  disks.spare = count(mdstat.members, [](const auto& m) { return m.spare && !m.journal; });
  if (mdstat.slots.empty()) return disks;
  const auto working = count(mdstat.slots, [](char letter) { return letter != '_'; });
  const auto in_slots = count(mdstat.members, [](const auto& m) {
    return !m.faulty && !m.spare && !m.journal && !m.replacement;
  });
  const auto replacing =
      count(mdstat.members, [](const auto& m) { return m.replacement && !m.faulty && !m.spare; });
  const auto empty = static_cast<std::uint32_t>(mdstat.slots.size()) - working;
  const auto filling = std::min(empty, in_slots - std::min(in_slots, working));
  disks.rebuilding = filling + replacing;
  disks.missing = empty - filling;
  return disks;
}

bool journal_lost(const MdstatArray& mdstat) {
  const auto journals = count(mdstat.members, [](const auto& m) { return m.journal; });
  const auto faulty = count(mdstat.members, [](const auto& m) { return m.journal && m.faulty; });
  return journals > 0 && journals == faulty;
}

std::string metadata_of(const MdstatArray& mdstat) {
  if (!mdstat.metadata) return "";
  return *mdstat.metadata == "non-persistent" ? "none" : *mdstat.metadata;
}

// std::nullopt for an inactive array whose metadata is not reported.
std::optional<bool> container_of(const MdstatArray& mdstat, const RaidArray& array) {
  if (is_container_metadata(array.metadata)) return true;
  if (!array.metadata.empty() || !array.level.empty() || mdstat.has_status) return false;
  return std::nullopt;
}

void set_waiting(RaidSync& sync, const MdstatArray& mdstat) {
  const std::string reason = mdstat.waiting ? mdstat.waiting->reason : "";
  sync.delayed = reason == "delayed";
  sync.pending = reason == "pending";
  sync.remote = reason == "remote";
}

void set_progress(RaidSync& sync, const MdstatProgress& progress) {
  sync.progress_ratio = progress.ratio;
  if (!progress.speed_kib_per_second) return;
  sync.speed_bytes_per_second = static_cast<double>(*progress.speed_kib_per_second) * kBytesPerKiB;
  if (*progress.speed_kib_per_second > 0 && progress.finish_minutes)
    sync.remaining_seconds = *progress.finish_minutes * kSecondsPerMinute;
}

RaidSync sync_of(const MdstatArray& mdstat) {
  RaidSync sync;
  // mdstat reports every delayed or pending sync as "resync", and a remote one is not this host's:
  // neither provides the action.
  if (mdstat.progress)
    sync.action = mdstat.progress->action == "recovery" ? "recover" : mdstat.progress->action;
  if (!mdstat.well_formed) return sync;
  set_waiting(sync, mdstat);
  if (mdstat.progress) set_progress(sync, *mdstat.progress);
  return sync;
}

}  // namespace

RaidArray from_mdstat(const MdstatArray& mdstat) {
  RaidArray array;
  array.name = mdstat.name;
  array.state = state_of(mdstat);
  array.broken = mdstat.state == "broken";
  array.level = mdstat.level.value_or("");
  array.metadata = metadata_of(mdstat);
  array.container = container_of(mdstat, array);
  array.layout = layout_of(mdstat);
  array.size_bytes = mdstat.size_bytes;
  array.chunk_bytes = mdstat.chunk_bytes;
  array.disks_required = mdstat.disks_required;
  array.degraded_disks = degraded_disks(mdstat);
  for (const auto& member : mdstat.members) array.members.push_back(member_of(member));
  array.disks = count_disks(mdstat);
  array.slots = slots_of(mdstat);
  array.geometry = {array.slots.size(), array.layout};
  array.journal_lost = journal_lost(mdstat);
  array.has_redundancy = !mdstat.slots.empty();
  array.sync = sync_of(mdstat);
  array.bitmap = mdstat.bitmap;
  return array;
}

}  // namespace rig
