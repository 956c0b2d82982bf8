// Whether an md array serves reads and writes, and how much more it bears, judged as md's own code
// does (raid0.c, raid1.c, raid5.c has_failed() and handle_stripe(), raid10.c enough()) and with
// what md does not look at: a member whose block device has gone is lost, also before the first I/O
// that would tell md.
//
// A pure function: any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rig {

// What fills one of an array's slots. Rebuilding: a member that does not hold all its data yet.
enum class RaidSlot { in_sync, rebuilding, missing };

struct RaidGeometry {
  std::size_t disks = 0;
  std::optional<std::int64_t> layout;  // md/layout; matters for RAID 10
};

struct RaidHealth {
  bool broken = false;              // array_state or mdstat says so: md fails every write
  bool inactive = false;            // not started, and no container
  bool journal_lost = false;        // RAID 4/5/6 that has one: md then fails every write
  std::string level;                // "raid5"; empty: not known
  std::vector<RaidSlot> slots;      // as many as the larger geometry has; empty: not known
  RaidGeometry geometry;            // now, or what a reshape leads to
  std::optional<RaidGeometry> old;  // while a reshape is under way: where it comes from
};

// What is absent cannot be told.
struct RaidAssessment {
  std::optional<bool> usable;
  // So many more members may go, whichever they are. 0 for an array that is lost; absent for one
  // that is not started.
  std::optional<std::uint32_t> failures_tolerated;

  bool operator==(const RaidAssessment&) const = default;
};

RaidAssessment judge(const RaidHealth& health);

}  // namespace rig
