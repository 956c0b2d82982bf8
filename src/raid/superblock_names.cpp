#include "raid/superblock_names.h"

#include <optional>

namespace rig {
namespace {

// std::nullopt if udev does not have mdadm's properties of the array (yet).
std::optional<std::string> name_in(const UdevProperties& udev) {
  // Volumes of imsm and DDF have only the second.
  for (const auto* property : {"MD_NAME", "MD_DEVNAME"}) {
    if (const auto name = udev.find(property); name != udev.end()) return name->second;
  }
  // mdadm reported the array without a name: metadata 0.90 has none.
  return udev.contains("MD_LEVEL") ? std::optional(std::string()) : std::nullopt;
}

}  // namespace

void SuperblockNames::fill_in(std::span<RaidArray> arrays, Samples& samples, Deadline deadline) {
  if (!query_) return;
  std::vector<std::string> unknown;
  for (RaidArray& array : arrays) {
    const auto known = known_.find({array.name, array.uuid});
    if (known != known_.end()) {
      array.name_in_superblock = known->second;
    } else if (array.labels_known) {
      unknown.push_back(array.name);
    }
  }
  if (unknown.empty()) return;

  const auto result = query(std::move(unknown), deadline);
  const Replies* const replies = samples.value_or_problem(result);
  for (RaidArray& array : arrays) {
    const ArrayAndUuid key(array.name, array.uuid);
    if (known_.contains(key) || !array.labels_known) continue;
    const bool has_reply = replies && replies->contains(array.name);
    const auto name = has_reply ? name_in(replies->at(array.name)) : std::nullopt;
    if (name && !array.uuid.empty()) known_[key] = *name;
    if (has_reply) {
      array.name_in_superblock = name.value_or("");
    } else {
      array.name_in_superblock.reset();
    }
  }
}

ReadResult<SuperblockNames::Replies> SuperblockNames::query(std::vector<std::string> arrays,
                                                            Deadline deadline) {
  const auto work = [query = query_, arrays = std::move(arrays)] {
    Replies replies;
    for (const std::string& array : arrays) replies[array] = query(array);
    return replies;
  };
  return task_.run(work, deadline);
}

}  // namespace rig
