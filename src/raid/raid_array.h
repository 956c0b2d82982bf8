// One md array as described by the kernel.
//
// from_sysfs() and from_mdstat() each make a RaidArray of what their source provides, overlay()
// combines the two, and assess() decides from the result whether the array is usable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "raid/mdstat.h"

namespace rig {

// No md array has more disks: a larger number is not a count of disks.
inline constexpr std::uint32_t kMaxRaidDisks = 4096;

// Number of disks by role. An array is complete if none is missing and none is rebuilding.
struct RaidDisks {
  std::optional<std::uint32_t> active;  // in sync, and the block device is present
  std::optional<std::uint32_t> rebuilding;
  std::optional<std::uint32_t> spare;
  std::optional<std::uint32_t> faulty;
  std::optional<std::uint32_t> missing;  // slots without an active or rebuilding disk
  std::optional<std::uint32_t> journal;
};

struct RaidMember {
  std::string name;
  // The flags that are known, and whether they are set.
  std::vector<std::pair<std::string_view, bool>> states;
  // From sysfs only.
  std::optional<bool> present;  // whether the block device exists
  std::string slot;             // a number, or md's words "none" and "journal"; empty: unknown
  std::optional<std::uint64_t> corrected_read_errors;
  std::optional<std::uint64_t> bad_blocks_bytes;  // as far as md lists them
};

// State of one of an array's slots. Rebuilding: the member does not hold all of its data yet.
enum class RaidSlot { in_sync, rebuilding, missing };

struct RaidGeometry {
  std::size_t disks = 0;
  std::optional<std::int64_t> layout;  // md/layout; used for RAID 10
};

struct RaidSync {
  std::optional<std::string> action;  // a word of md/sync_action
  // All absent if the source that reports them could not be parsed completely.
  std::optional<bool> delayed;
  std::optional<bool> pending;
  std::optional<bool> remote;
  // Absent unless a sync is running.
  std::optional<double> progress_ratio;
  std::optional<double> speed_bytes_per_second;
  std::optional<double> remaining_seconds;  // absent at speed 0
};

// Sectors that the last check, repair or resync found to differ between members.
struct RaidMismatch {
  std::uint64_t sectors = 0;
  std::string after;  // "check", "repair", "resync", or any other last_sync_action
};

struct RaidArray {
  std::string name;
  // False if reading its sysfs files timed out: series whose labels come from sysfs are then left
  // out, because they would be different series.
  bool labels_known = true;
  std::optional<bool> container;  // of imsm or DDF volumes; does not hold data itself
  std::string level;              // "raid1"; empty: unknown or not started
  std::string metadata;           // "1.2", "external:/md127/0", "none"
  std::string uuid;               // as mdadm writes it
  // "rig:data"; filled in by SuperblockNames. Absent if udev could not be queried.
  std::optional<std::string> name_in_superblock = "";
  std::string consistency_policy;
  std::optional<std::int64_t> layout;  // as md/layout numbers it
  std::optional<std::string> state;    // md/array_state with _ for -
  std::optional<std::uint64_t> size_bytes;
  std::optional<std::uint64_t> component_size_bytes;  // used of each member; if all are equal
  std::optional<std::uint64_t> chunk_bytes;           // striped levels
  std::optional<std::uint32_t> disks_required;
  std::optional<std::uint32_t> degraded_disks;  // levels with redundancy
  RaidDisks disks;
  std::vector<RaidMember> members;
  bool has_redundancy = false;  // of a level that md can resync; otherwise `sync` is meaningless
  RaidSync sync;
  std::optional<MdstatBitmap> bitmap;      // from mdstat only
  std::optional<std::string> bitmap_type;  // from sysfs only, see MdSysfs
  std::map<std::string, std::uint64_t> bitmap_chunks;
  std::optional<RaidMismatch> mismatch;            // absent if nothing was compared yet
  std::optional<std::uint64_t> stripe_cache_size;  // stripes; RAID 4/5/6
  std::optional<std::uint64_t> stripe_cache_active;

  // Additional input of assess().
  bool broken = false;                 // reported by either source: md fails every write
  bool journal_lost = false;           // RAID 4/5/6 with a journal: md then fails every write
  bool device_presence_known = false;  // mdstat keeps listing members whose device was removed
  std::vector<RaidSlot> slots;         // of the larger geometry; empty: unknown
  RaidGeometry geometry;               // the current one, or the target of a reshape
  std::optional<RaidGeometry> old_geometry;  // during a reshape
};

// Whether this is the metadata of a container ("external:imsm") and not of a volume in one.
bool is_container_metadata(std::string_view metadata);

// Removes the fields that do not apply to the array as a whole: a container has only a description
// and members, an array that is inactive or in an unknown state has neither sizes nor disks by role
// nor a sync, and only striped levels have a chunk size.
RaidArray applicable_fields(RaidArray array);

}  // namespace rig
