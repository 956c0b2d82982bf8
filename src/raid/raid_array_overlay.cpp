#include "raid/raid_array_overlay.h"

#include <utility>

#include "raid/raid_array_from_mdstat.h"
#include "raid/raid_array_from_sysfs.h"

namespace rig {
namespace {

RaidSync overlay_sync(const RaidSync& mdstat, const RaidSync& sysfs) {
  if (!mdstat.delayed) return sysfs;  // a line of mdstat is malformed
  RaidSync sync = mdstat;
  sync.action = sysfs.action;
  return sync;
}

}  // namespace

RaidArray overlay(const RaidArray& mdstat, RaidArray sysfs) {
  RaidArray array = std::move(sysfs);
  if (array.level.empty()) array.level = mdstat.level;
  if (array.metadata.empty()) {
    array.metadata = mdstat.metadata;
    array.container = is_container_metadata(mdstat.metadata);
  }
  array.broken = mdstat.broken || array.broken;
  array.sync = overlay_sync(mdstat.sync, array.sync);
  array.bitmap = mdstat.bitmap;
  return array;
}

std::map<std::string, RaidArray> combine_raid_arrays(const Mdstat& mdstat,
                                                     const std::map<std::string, MdSysfs>& sysfs) {
  std::map<std::string, RaidArray> arrays;
  for (const MdstatArray& array : mdstat.arrays) arrays.emplace(array.name, from_mdstat(array));
  for (const auto& [name, files] : sysfs) {
    auto array = from_sysfs(name, files);
    if (!array) continue;
    if (array->state == "clear") {  // an empty device
      arrays.erase(name);
      continue;
    }
    const auto in_mdstat = arrays.find(name);
    if (in_mdstat == arrays.end()) {
      arrays.emplace(name, *std::move(array));
    } else {
      in_mdstat->second = overlay(in_mdstat->second, *std::move(array));
    }
  }
  for (auto& [name, array] : arrays) array = applicable_fields(std::move(array));
  return arrays;
}

}  // namespace rig
