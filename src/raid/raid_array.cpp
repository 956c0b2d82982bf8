#include "raid/raid_array.h"

#include <algorithm>
#include <array>
#include <utility>

namespace rig {
namespace {

// RAID 1 volumes of imsm also have a chunk size, which is meaningless.
bool is_striped(std::string_view level) {
  constexpr auto kStriped =
      std::to_array<std::string_view>({"raid0", "raid4", "raid5", "raid6", "raid10"});
  return std::ranges::find(kStriped, level) != kStriped.end();
}

RaidArray container_fields(RaidArray array) {
  RaidArray container;
  container.name = std::move(array.name);
  container.labels_known = array.labels_known;
  container.container = true;
  container.level = "container";
  container.metadata = std::move(array.metadata);
  container.uuid = std::move(array.uuid);
  container.consistency_policy = std::move(array.consistency_policy);
  container.state = std::move(array.state);
  container.members = std::move(array.members);
  return container;
}

}  // namespace

bool is_container_metadata(std::string_view metadata) {
  constexpr std::string_view kExternal = "external:";
  if (!metadata.starts_with(kExternal)) return false;
  // A volume's metadata names its container: "external:/md127/0", or with "-" for "/" while md must
  // not change the volume.
  const auto rest = metadata.substr(kExternal.size());
  return !rest.starts_with('/') && !rest.starts_with('-');
}

RaidArray applicable_fields(RaidArray array) {
  if (array.container == true) return container_fields(std::move(array));
  if (!array.has_redundancy) array.sync = {};
  if (!is_striped(array.level)) array.chunk_bytes.reset();
  if (array.state && array.state != "inactive") return array;
  array.size_bytes.reset();
  array.component_size_bytes.reset();
  array.chunk_bytes.reset();
  array.degraded_disks.reset();
  array.disks = {};
  array.sync = {};
  array.bitmap.reset();
  array.bitmap_chunks.clear();
  array.mismatch.reset();
  array.stripe_cache_size.reset();
  array.stripe_cache_active.reset();
  return array;
}

}  // namespace rig
