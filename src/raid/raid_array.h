// One md array as /proc/mdstat and sysfs together show it: for every fact the better of the two.
//
// sysfs knows slots, vanished devices, and repair from resync; mdstat knows the finer progress, and
// that an array is pending or remote. Where one of them is not to be had the other speaks alone,
// and what it cannot tell is absent.
//
// Pure functions: any thread.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "raid/md_sysfs.h"
#include "raid/mdstat.h"
#include "raid/raid_assessment.h"

namespace rig {

// How many disks play which role. Slots that hold no working member are `missing`: an array is
// whole when it has none and nothing is `rebuilding`.
struct RaidDisks {
  std::optional<std::uint32_t> active;  // in sync and its device there
  std::optional<std::uint32_t> rebuilding;
  std::optional<std::uint32_t> spare;
  std::optional<std::uint32_t> faulty;
  std::optional<std::uint32_t> missing;
  std::optional<std::uint32_t> journal;
};

struct RaidMember {
  std::string name;
  std::map<std::string_view, bool> states;  // those that could be told, by the word for them
  // From sysfs only.
  std::optional<bool> present;  // its block device is there
  std::string slot;             // a number, or md's words "none" and "journal"; empty: not known
  std::optional<std::uint64_t> corrected_read_errors;
  std::optional<std::uint64_t> bad_blocks_bytes;  // as far as md lists them
};

struct RaidSync {
  std::optional<std::string> action;  // md/sync_action's word
  std::optional<bool> delayed;
  std::optional<bool> pending;
  std::optional<bool> remote;
  // While something runs.
  std::optional<double> progress_ratio;
  std::optional<double> speed_bytes_per_second;
  std::optional<double> remaining_seconds;  // absent at speed 0
};

// What the last check, repair or resync found that its members did not agree on.
struct RaidMismatch {
  std::uint64_t sectors = 0;
  std::string after;  // "check", "repair", "resync", or any other last_sync_action
};

struct RaidArray {
  std::string name;
  // False: its files in sysfs are late, and a series that has what they tell in its labels would be
  // another one.
  bool labels_known = true;
  std::optional<bool> container;  // holds imsm or DDF volumes and no data of its own
  std::string level;              // "raid1", "container"; empty: not known or not started
  std::string metadata;           // "1.2", "external:/md127/0", "none"
  std::string uuid;               // as mdadm writes it
  // "rig:data"; what gives the arrays their names fills it in (array_names.h). Absent: it is late.
  std::optional<std::string> name_in_superblock = "";
  std::string consistency_policy;    // md's word
  std::string layout;                // mdadm's word: "left-symmetric", "near=2"
  std::optional<std::string> state;  // md/array_state with _ for -
  RaidAssessment verdict;
  std::optional<std::uint64_t> size_bytes;
  std::optional<std::uint64_t>
      component_size_bytes;                  // used of each member; levels of equal members
  std::optional<std::uint64_t> chunk_bytes;  // levels that stripe
  std::optional<std::uint32_t> disks_required;
  std::optional<std::uint32_t> degraded_disks;  // levels with redundancy only
  RaidDisks disks;                              // of an array that runs
  std::vector<RaidMember> members;
  RaidSync sync;
  std::optional<MdstatBitmap> bitmap;              // mdstat alone tells of it
  std::optional<RaidMismatch> mismatch;            // absent when nothing was compared yet
  std::optional<std::uint64_t> stripe_cache_size;  // stripes; RAID 4/5/6
  std::optional<std::uint64_t> stripe_cache_active;
};

// Either may be null. Absent when it is no array: md keeps empty devices in sysfs, also of arrays
// that were stopped, and calls them "clear".
std::optional<RaidArray> merge_raid_array(std::string_view name, const MdstatArray* mdstat,
                                          const MdSysfs* sysfs);

// The layout's number in mdadm's words; empty for a level without layouts.
std::string raid_layout_name(std::string_view level, std::int64_t layout);

}  // namespace rig
