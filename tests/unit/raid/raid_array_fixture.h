// Arrays as mdstat and sysfs report them, and the RaidArrays made of them.
#pragma once

#include <string>

#include "raid/md_sysfs.h"
#include "raid/mdstat.h"
#include "raid/raid_array_from_mdstat.h"
#include "raid/raid_array_from_sysfs.h"
#include "support/catch.h"

namespace rig {

inline MdstatArray parse_mdstat_array(const std::string& text) {
  const auto mdstat = parse_mdstat(text);
  REQUIRE(mdstat.arrays.size() == 1);
  return mdstat.arrays[0];
}

// As if mdstat were the only source.
inline RaidArray array_in_mdstat(const std::string& text) {
  return applicable_fields(from_mdstat(parse_mdstat_array(text)));
}

inline MdSysfs healthy_raid1() {
  MdSysfsText text;
  text.files = {{"array_state", "clean"},      {"level", "raid1"},    {"raid_disks", "2"},
                {"metadata_version", "1.2"},   {"degraded", "0"},     {"sync_action", "idle"},
                {"sync_completed", "none"},    {"sync_speed", "977"}, {"resync_start", "none"},
                {"component_size", "1048576"}, {"size", "2097152"},   {"layout", "0"}};
  text.members = {{"dev-sda", "0", "in_sync", true}, {"dev-sdb", "1", "in_sync", true}};
  return parse_md_sysfs(text);
}

// As if sysfs were the only source.
inline RaidArray array_in_sysfs(const MdSysfs& sysfs) {
  return applicable_fields(from_sysfs("md0", sysfs).value());
}

}  // namespace rig
