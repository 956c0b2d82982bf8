// Combines what /proc/mdstat and sysfs report about the arrays.
//
// Pure functions, which may be called from any thread.
#pragma once

#include <map>
#include <string>

#include "raid/md_sysfs.h"
#include "raid/mdstat.h"
#include "raid/raid_array.h"

namespace rig {

// The same array from both sources: `mdstat` by from_mdstat(), `sysfs` by from_sysfs().
//
//   level, metadata        sysfs; mdstat if sysfs has none
//   container              follows the metadata
//   broken                 true if either source reports it
//   sync: action           sysfs: mdstat reports a repair as a resync
//   sync: everything else  mdstat: its progress is more precise, and only it reports "remote";
//                          sysfs if mdstat's lines for the array are malformed
//   bitmap                 mdstat: not in sysfs
//   all other fields       sysfs, without falling back to mdstat: it also reports slots and
//                          vanished devices, and an absent field there means an unreadable file,
//                          which is reported as a problem
RaidArray overlay(const RaidArray& mdstat, RaidArray sysfs);

// All arrays by kernel name. `sysfs` holds the devices that were read completely.
std::map<std::string, RaidArray> combine_raid_arrays(const Mdstat& mdstat,
                                                     const std::map<std::string, MdSysfs>& sysfs);

}  // namespace rig
