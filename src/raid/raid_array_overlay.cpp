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

RaidArray overlay(const RaidArray& mdstat, const RaidArray& sysfs) {
  RaidArray array = sysfs;
  if (sysfs.level.empty()) array.level = mdstat.level;
  if (sysfs.metadata.empty()) {
    array.metadata = mdstat.metadata;
    array.container = is_container_metadata(mdstat.metadata);
  }
  array.broken = mdstat.broken || sysfs.broken;
  array.sync = overlay_sync(mdstat.sync, sysfs.sync);
  array.bitmap = mdstat.bitmap;
  return array;
}

std::map<std::string, RaidArray> combine_raid_arrays(const Mdstat& mdstat,
                                                     const std::map<std::string, MdSysfs>& sysfs) {
  std::map<std::string, RaidArray> arrays;
  for (const MdstatArray& array : mdstat.arrays) arrays.emplace(array.name, from_mdstat(array));
  for (const auto& [name, files] : sysfs) {
    const auto array = from_sysfs(name, files);
    if (!array) continue;
    const auto [place, is_new] = arrays.try_emplace(name, *array);
    if (!is_new) place->second = overlay(place->second, *array);
    if (array->state == "clear") arrays.erase(place);  // an empty device
  }
  for (auto& [name, array] : arrays) array = applicable_fields(std::move(array));
  return arrays;
}

}  // namespace rig
