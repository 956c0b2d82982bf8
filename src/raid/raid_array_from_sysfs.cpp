#include "raid/raid_array_from_sysfs.h"

#include <algorithm>
#include <array>

namespace rig {
namespace {

using Role = MdSysfsMember::Role;

// No md array has more disks; a larger number is not md's.
constexpr std::int64_t kMostDisks = 4096;

constexpr std::uint64_t kSectorBytes = 512;

bool is_present(const MdSysfsMember& member) { return member.device_present != false; }

bool is_faulty(const MdSysfsMember& member) { return member.has("faulty"); }

bool is_active(const MdSysfsMember& member) {
  return member.role == Role::slot && member.has("in_sync") && !is_faulty(member) &&
         is_present(member);
}

// md calls a disk that is being filled a spare, as it does one that waits: the slot tells.
bool is_being_rebuilt(const MdSysfsMember& member) {
  return member.role == Role::slot && member.has("spare");
}

bool is_waiting_spare(const MdSysfsMember& member) {
  return member.role == Role::none && member.has("spare");
}

bool is_working_journal(const MdSysfsMember& member) {
  return member.has("journal") && !is_faulty(member) && is_present(member);
}

// Of an array whose slots are all told.
bool all_known(const MdSysfs& sysfs) {
  return std::ranges::all_of(
      sysfs.members, [](const auto& m) { return m.role != Role::unknown && m.state_known; });
}

template <typename Range, typename Condition>
std::uint32_t count(const Range& range, Condition condition) {
  return static_cast<std::uint32_t>(std::ranges::count_if(range, condition));
}

std::string slot_text(const MdSysfsMember& member) {
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
  constexpr auto kWordsAsTheyAre = std::to_array<std::string_view>(
      {"in_sync", "faulty", "journal", "write_mostly", "blocked", "write_error", "want_replacement",
       "replacement", "failfast", "external_bbl"});
  RaidMember result;
  result.name = member.name;
  result.present = member.device_present;
  result.slot = slot_text(member);
  result.corrected_read_errors = member.corrected_read_errors;
  if (member.bad_blocks_sectors)
    result.bad_blocks_bytes = *member.bad_blocks_sectors * kSectorBytes;
  if (!member.state_known) return result;
  for (const auto word : kWordsAsTheyAre) result.states[word] = member.has(word);
  if (member.role == Role::unknown) return result;
  result.states["rebuilding"] = is_being_rebuilt(member);
  result.states["spare"] = member.has("spare") && !is_being_rebuilt(member);
  return result;
}

}  // namespace

std::vector<RaidSlot> slots_of(const MdSysfs& sysfs) {
  if (!sysfs.raid_disks || !all_known(sysfs)) return {};
  const auto disks =
      std::max(sysfs.raid_disks->now, sysfs.raid_disks->before.value_or(std::int64_t{0}));
  if (disks <= 0 || disks > kMostDisks) return {};
  std::vector<RaidSlot> slots(static_cast<std::size_t>(disks), RaidSlot::missing);
  for (const auto& member : sysfs.members) {
    if (member.role != Role::slot || member.slot >= slots.size()) continue;
    RaidSlot& slot = slots[member.slot];
    if (is_active(member)) {
      slot = RaidSlot::in_sync;
    } else if (is_being_rebuilt(member) && is_present(member) && slot == RaidSlot::missing) {
      slot = RaidSlot::rebuilding;
    }
  }
  return slots;
}

std::vector<RaidSlot> slots_of(const MdstatArray& mdstat) {
  if (mdstat.level == "raid4" || mdstat.level == "raid5" || mdstat.level == "raid6") {
    // The pattern shows a disk that a reshape is filling as gone; md's own count does not.
    if (!mdstat.disks_required || !mdstat.disks_working || *mdstat.disks_required > kMostDisks)
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

bool lost_journal(const MdSysfs& sysfs) {
  return sysfs.consistency_policy == "journal" && all_known(sysfs) &&
         std::ranges::none_of(sysfs.members, is_working_journal);
}

bool lost_journal(const MdstatArray& mdstat) {
  const auto journals = count(mdstat.members, [](const auto& m) { return m.journal; });
  return journals > 0 && count_disks(mdstat).journal == 0U;
}

std::vector<RaidMember> members_of(const MdSysfs& sysfs) {
  std::vector<RaidMember> members;
  for (const auto& member : sysfs.members) members.push_back(member_of(member));
  return members;
}

std::vector<RaidMember> members_of(const MdstatArray& mdstat) {
  std::vector<RaidMember> members;
  for (const auto& member : mdstat.members) {
    RaidMember result;
    result.name = member.name;
    result.states = {{"faulty", member.faulty},
                     {"journal", member.journal},
                     {"write_mostly", member.write_mostly}};
    if (!member.faulty) {
      result.states["replacement"] = member.replacement;
      // A journal device has no slot either.
      result.states["spare"] = member.spare && !member.journal;
    }
    members.push_back(std::move(result));
  }
  return members;
}

RaidDisks count_disks(const MdSysfs& sysfs) {
  RaidDisks disks;
  if (!all_known(sysfs)) return disks;
  disks.active = count(sysfs.members, is_active);
  disks.rebuilding = count(sysfs.members, [](const auto& member) {
    return is_being_rebuilt(member) && is_present(member);
  });
  disks.spare = count(sysfs.members, [](const auto& member) {
    return is_waiting_spare(member) && is_present(member);
  });
  disks.faulty = count(sysfs.members, is_faulty);
  disks.journal = count(sysfs.members, is_working_journal);
  if (const auto slots = slots_of(sysfs); !slots.empty())
    disks.missing = count(slots, [](RaidSlot slot) { return slot == RaidSlot::missing; });
  return disks;
}

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
  const auto filled = std::min(empty, in_slots - std::min(in_slots, working));
  disks.active = working;
  disks.rebuilding = filled + replacing;
  disks.missing = empty - filled;
  return disks;
}

}  // namespace rig
