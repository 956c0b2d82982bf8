#include "raid/superblock_names.h"

#include <optional>

namespace rig {
namespace {

// Absent where udev has not heard of the array from mdadm.
std::optional<std::string> name_in(const UdevProperties& udev) {
  // Volumes of imsm and DDF have the second only.
  for (const auto* property : {"MD_NAME", "MD_DEVNAME"}) {
    if (const auto name = udev.find(property); name != udev.end()) return name->second;
  }
  // One that mdadm has told of without a name has none (metadata 0.90).
  return udev.contains("MD_LEVEL") ? std::optional(std::string()) : std::nullopt;
}

}  // namespace

void ArrayNames::give(std::span<RaidArray> arrays, Samples& samples, Deadline deadline) {
  if (!ask_) return;
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

  const auto outcome = ask(std::move(unknown), deadline);
  if (outcome.late) samples.problem("udev: does not come back with the names of arrays");
  if (!outcome.error.empty()) samples.problem("udev: " + outcome.error);
  for (RaidArray& array : arrays) {
    const ArrayAndUuid key(array.name, array.uuid);
    if (known_.contains(key) || !array.labels_known) continue;
    const bool answered = outcome.value && outcome.value->contains(array.name);
    const auto name = answered ? name_in(outcome.value->at(array.name)) : std::nullopt;
    if (name && !array.uuid.empty()) known_[key] = *name;
    if (answered) {
      array.name_in_superblock = name.value_or("");
    } else {
      array.name_in_superblock.reset();
    }
  }
}

TimedTask<ArrayNames::Answers>::Outcome ArrayNames::ask(std::vector<std::string> arrays,
                                                        Deadline deadline) {
  const auto ticket = lane_.start([ask = ask_, arrays = std::move(arrays)] {
    Answers answers;
    for (const std::string& array : arrays) answers[array] = ask(array);
    return answers;
  });
  return lane_.finish(ticket, deadline);
}

}  // namespace rig
