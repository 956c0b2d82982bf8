// Parses /proc/mdstat as written by md (drivers/md/md.c, raid*.c and md-bitmap.c, Linux 2.4 to
// 7.2).
//
// The number of a member in mdstat is its index in the array's list of devices, not its slot, and a
// repair is reported as "resync"; md's files in sysfs (md_sysfs.h) provide both. Before 6.12 a
// failed RAID 0 looks like a healthy one in mdstat.
//
// Pure functions, which may be called from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rig/kernel/problem.h"

namespace rig {

struct MdstatMember {
  std::string name;  // "sda1"
  int number = 0;    // desc_nr: not the slot
  bool write_mostly = false;
  bool journal = false;
  bool faulty = false;  // md prints no flag after this one: `spare` and `replacement` are unknown
  bool spare = false;   // without a slot, like all members of an inactive array
  bool replacement = false;

  bool operator==(const MdstatMember&) const = default;
};

// "near-copies", "far-copies" and "offset-copies" of RAID 10.
struct MdstatRaid10 {
  unsigned near_copies = 1;
  unsigned far_copies = 1;
  bool offset = false;
  std::optional<unsigned> devices_per_set;

  bool operator==(const MdstatRaid10&) const = default;
};

struct MdstatProgress {
  std::string action;           // "resync" (a repair too), "recovery", "check", "reshape"
  std::optional<double> ratio;  // absent if the kernel's position is implausible (5.10 can wrap)
  std::optional<std::uint64_t> done_kib;  // of one member, except for RAID 10
  std::optional<std::uint64_t> total_kib;
  std::optional<double> finish_minutes;  // implausibly large at speed 0
  std::optional<std::uint64_t> speed_kib_per_second;
};

struct MdstatWaiting {
  std::string action;  // always "resync", except for a remote one
  std::string reason;  // "delayed", "pending", "remote"
};

// The write-intent bitmap. md keeps a page of its counters in memory only while one of them is not
// 0.
struct MdstatBitmap {
  std::uint64_t dirty_pages = 0;  // in memory; never more than `pages`
  std::uint64_t pages = 0;        // for the whole array
  std::uint64_t chunk_bytes = 0;  // of data per counter; never 0
  std::string file;               // empty: next to the superblock. Blanks are escaped as "\\040"

  bool operator==(const MdstatBitmap&) const = default;
};

struct MdstatArray {
  std::string name;   // "md0", "md127", "md_home", "md_d0"
  std::string state;  // "active", "inactive", "broken" or any later word; empty: malformed
  bool read_only = false;
  bool auto_read_only = false;
  std::optional<std::string> level;  // "raid1"; absent while inactive
  std::vector<MdstatMember> members;

  // False if one of its lines is malformed, which may have had what is absent here.
  bool well_formed = true;

  // From the status line.
  bool has_status = false;
  std::optional<std::uint64_t> size_bytes;  // of an inactive array: the sum of its members
  std::optional<std::string> metadata;      // "1.2", "external:imsm"; 0.90 is not printed
  std::optional<unsigned> disks_required;   // [n/m]; levels without redundancy have none
  std::optional<unsigned> disks_working;    // may exceed `disks_required`
  std::string slots;  // "UU_": one letter per slot, "_" for one without a disk; empty: not printed
  std::optional<std::uint64_t> chunk_bytes;
  std::optional<unsigned> algorithm;   // RAID 4/5/6
  std::optional<MdstatRaid10> raid10;  // RAID 10

  std::optional<MdstatProgress> progress;
  std::optional<MdstatWaiting> waiting;
  std::optional<MdstatBitmap> bitmap;
};

struct MdstatProblem {
  std::string array;  // empty: not of a known array
  Problem problem;    // without a path
};

struct Mdstat {
  std::vector<MdstatArray> arrays;  // in the file's order, with unique names
  std::vector<MdstatProblem> problems;

  const MdstatArray* find(std::string_view name) const;  // nullptr if not listed
  // False if a line that does not belong to a listed array is malformed.
  bool lists_all_arrays() const;
};

// Accepts any text. A malformed line is a problem and affects only its own array: one with a
// malformed first line has just a name.
Mdstat parse_mdstat(std::string_view text);

}  // namespace rig
