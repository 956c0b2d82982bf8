#include "raid/raid_array.h"

#include <algorithm>
#include <array>
#include <limits>

#include "raid/raid_array_from_mdstat.h"
#include "raid/raid_array_from_sysfs.h"

namespace rig {
namespace {

constexpr std::uint64_t kBytesPerSector = 512;
constexpr std::uint64_t kBytesPerKiB = 1024;
constexpr std::string_view kExternal = "external:";

// A number of units in bytes; absent when it is more than any disk could hold.
std::optional<std::uint64_t> bytes(std::uint64_t count, std::uint64_t unit) {
  if (count > std::numeric_limits<std::uint64_t>::max() / unit) return std::nullopt;
  return count * unit;
}

std::optional<std::string> state_of(const MdstatArray* mdstat, const MdSysfs* sysfs) {
  if (sysfs) {
    std::string state = *sysfs->array_state;
    std::replace(state.begin(), state.end(), '-', '_');
    return state;
  }
  if (mdstat->state.empty()) return std::nullopt;
  if (mdstat->state != "active") return mdstat->state;
  if (mdstat->read_only) return "readonly";
  if (mdstat->auto_read_only) return "read_auto";
  return mdstat->state;
}

std::string metadata_of(const MdstatArray* mdstat, const MdSysfs* sysfs) {
  if (sysfs && sysfs->metadata_version) return *sysfs->metadata_version;
  if (!mdstat || !mdstat->metadata) return "";
  return *mdstat->metadata == "non-persistent" ? "none" : *mdstat->metadata;
}

std::string level_of(const MdstatArray* mdstat, const MdSysfs* sysfs) {
  if (sysfs && sysfs->level) return *sysfs->level;
  return mdstat && mdstat->level ? *mdstat->level : "";
}

// A volume's metadata names the container it lies in: "external:/md127/0", or with "-" for "/"
// while it must not be changed.
std::optional<bool> is_container(const RaidArray& array, const MdstatArray* mdstat,
                                 const MdSysfs* sysfs) {
  const std::string_view metadata = array.metadata;
  if (metadata.starts_with(kExternal)) {
    const auto rest = metadata.substr(kExternal.size());
    return !rest.starts_with('/') && !rest.starts_with('-');
  }
  const bool told = sysfs || !metadata.empty() || !array.level.empty() || mdstat->has_status;
  return told ? std::optional(false) : std::nullopt;
}

// As md/layout numbers it.
std::optional<std::int64_t> layout_number(const MdstatArray& mdstat) {
  if (mdstat.algorithm) return *mdstat.algorithm;
  if (!mdstat.raid10 || mdstat.raid10->devices_per_set) return std::nullopt;
  return std::int64_t{mdstat.raid10->near_copies} | std::int64_t{mdstat.raid10->far_copies} << 8 |
         std::int64_t{mdstat.raid10->offset} << 16;
}

RaidHealth health_of(const RaidArray& array, const MdstatArray* mdstat, const MdSysfs* sysfs) {
  RaidHealth health;
  health.broken = array.state == "broken" || (mdstat && mdstat->state == "broken");
  health.inactive = array.state == "inactive";
  health.level = array.level;
  health.journal_lost = sysfs ? lost_journal(*sysfs) : lost_journal(*mdstat);
  if (!sysfs) {
    health.slots = slots_of(*mdstat);
    health.geometry = {health.slots.size(), layout_number(*mdstat)};
    return health;
  }
  health.slots = slots_of(*sysfs);
  if (health.slots.empty()) return health;
  const auto layout = sysfs->layout.value_or(MdReshaped{-1, std::nullopt});
  health.geometry = {static_cast<std::size_t>(sysfs->raid_disks->now), layout.now};
  if (sysfs->raid_disks->before || layout.before) {
    const auto disks = sysfs->raid_disks->before.value_or(sysfs->raid_disks->now);
    health.old = {static_cast<std::size_t>(disks), layout.before.value_or(layout.now)};
  }
  return health;
}

std::optional<std::uint32_t> disks_required(const MdstatArray* mdstat, const MdSysfs* sysfs) {
  if (!sysfs) return mdstat->disks_required;
  constexpr auto kMost = std::numeric_limits<std::uint32_t>::max();
  if (!sysfs->raid_disks || sysfs->raid_disks->now <= 0 || sysfs->raid_disks->now > kMost)
    return std::nullopt;
  return static_cast<std::uint32_t>(sysfs->raid_disks->now);
}

std::optional<std::uint32_t> degraded_disks(const MdstatArray* mdstat, const MdSysfs* sysfs) {
  if (sysfs) return sysfs->degraded;
  if (!mdstat->disks_required || !mdstat->disks_working) return std::nullopt;
  if (*mdstat->disks_working > *mdstat->disks_required) return std::nullopt;
  return *mdstat->disks_required - *mdstat->disks_working;
}

std::optional<std::uint64_t> size_bytes(const MdstatArray* mdstat, const MdSysfs* sysfs) {
  if (!sysfs) return mdstat->size_bytes;
  if (!sysfs->size_sectors) return std::nullopt;
  return bytes(*sysfs->size_sectors, kBytesPerSector);
}

std::optional<std::uint64_t> component_size_bytes(const MdSysfs* sysfs) {
  if (!sysfs || sysfs->component_size_kib.value_or(0) == 0) return std::nullopt;
  return bytes(*sysfs->component_size_kib, kBytesPerKiB);
}

// RAID 1 volumes of imsm carry a chunk size that means nothing.
std::optional<std::uint64_t> chunk_bytes(const std::string& level, const MdstatArray* mdstat,
                                         const MdSysfs* sysfs) {
  constexpr auto kStriped =
      std::to_array<std::string_view>({"raid0", "raid4", "raid5", "raid6", "raid10"});
  if (std::ranges::find(kStriped, level) == kStriped.end()) return std::nullopt;
  if (!sysfs) return mdstat->chunk_bytes;
  if (!sysfs->chunk_size_bytes || sysfs->chunk_size_bytes->now <= 0) return std::nullopt;
  return static_cast<std::uint64_t>(sysfs->chunk_size_bytes->now);
}

std::string layout_of(const std::string& level, const MdstatArray* mdstat, const MdSysfs* sysfs) {
  std::optional<std::int64_t> layout;
  if (sysfs && sysfs->layout) layout = sysfs->layout->now;
  if (!sysfs) layout = layout_number(*mdstat);
  return layout ? raid_layout_name(level, *layout) : "";
}

std::optional<RaidMismatch> mismatch_of(const MdSysfs* sysfs) {
  if (!sysfs || !sysfs->mismatch_sectors) return std::nullopt;
  // Its 0 would be of nothing.
  if (!sysfs->last_sync_action || sysfs->last_sync_action == "none") return std::nullopt;
  return RaidMismatch{*sysfs->mismatch_sectors, *sysfs->last_sync_action};
}

std::string raid10_layout_name(std::int64_t layout) {
  const auto near = layout & 0xFF;
  const auto far = (layout >> 8) & 0xFF;
  const bool offset = ((layout >> 16) & 1) != 0;
  std::string name;
  if (near > 1 || far <= 1) name = "near=" + std::to_string(near);
  if (far > 1) {
    if (!name.empty()) name += ", ";
    name += (offset ? "offset=" : "far=") + std::to_string(far);
  }
  return name;
}

}  // namespace

std::string raid_layout_name(std::string_view level, std::int64_t layout) {
  struct Name {
    std::int64_t number;
    std::string_view name;
  };
  constexpr auto kOfParity = std::to_array<Name>({{0, "left-asymmetric"},
                                                  {1, "right-asymmetric"},
                                                  {2, "left-symmetric"},
                                                  {3, "right-symmetric"},
                                                  {4, "parity-first"},
                                                  {5, "parity-last"},
                                                  {8, "ddf-zero-restart"},
                                                  {9, "ddf-N-restart"},
                                                  {10, "ddf-N-continue"},
                                                  {16, "left-asymmetric-6"},
                                                  {17, "right-asymmetric-6"},
                                                  {18, "left-symmetric-6"},
                                                  {19, "right-symmetric-6"},
                                                  {20, "parity-first-6"}});
  constexpr auto kOfStripes = std::to_array<Name>({{1, "original"}, {2, "alternate"}});
  const auto name_in = [&](const auto& names) -> std::string {
    for (const auto& entry : names) {
      if (entry.number == layout) return std::string(entry.name);
    }
    return layout > 0 ? std::to_string(layout) : "";
  };
  if (level == "raid5" || level == "raid6") return name_in(kOfParity);
  if (level == "raid0") return name_in(kOfStripes);
  if (level == "raid10" && layout > 0) return raid10_layout_name(layout);
  return "";
}

std::optional<RaidArray> merge_raid_array(std::string_view name, const MdstatArray* mdstat,
                                          const MdSysfs* sysfs) {
  // Without its state the rest of the folder could not be judged: as good as not there.
  if (sysfs && !sysfs->array_state) sysfs = nullptr;
  if (!mdstat && !sysfs) return std::nullopt;
  if (sysfs && sysfs->array_state == "clear") return std::nullopt;

  RaidArray array;
  array.name = name;
  array.level = level_of(mdstat, sysfs);
  array.metadata = metadata_of(mdstat, sysfs);
  array.container = is_container(array, mdstat, sysfs);
  array.state = state_of(mdstat, sysfs);
  array.members = sysfs ? members_of(*sysfs) : members_of(*mdstat);
  if (sysfs) {
    array.uuid = sysfs->uuid.value_or("");
    array.consistency_policy = sysfs->consistency_policy.value_or("");
  }
  if (array.container == true) {
    array.level = "container";
    return array;
  }
  array.layout = layout_of(array.level, mdstat, sysfs);
  array.disks_required = disks_required(mdstat, sysfs);
  const RaidHealth health = health_of(array, mdstat, sysfs);
  const bool may_be_container = !array.container.has_value();
  if (!health.inactive || !may_be_container) array.verdict = judge(health);
  // mdstat does not know of a device that has vanished: what it says is bad is bad, no more.
  if (!sysfs && array.verdict.usable == true) array.verdict = {};
  if (health.inactive || !array.state) return array;
  array.size_bytes = size_bytes(mdstat, sysfs);
  array.component_size_bytes = component_size_bytes(sysfs);
  array.chunk_bytes = chunk_bytes(array.level, mdstat, sysfs);
  array.degraded_disks = degraded_disks(mdstat, sysfs);
  array.disks = sysfs ? count_disks(*sysfs) : count_disks(*mdstat);
  if (!sysfs) array.disks.active.reset();  // by the same token
  array.sync = sync_of(mdstat, sysfs);
  if (mdstat) array.bitmap = mdstat->bitmap;
  array.mismatch = mismatch_of(sysfs);
  if (sysfs) {
    array.stripe_cache_size = sysfs->stripe_cache_size;
    array.stripe_cache_active = sysfs->stripe_cache_active;
  }
  return array;
}

}  // namespace rig
