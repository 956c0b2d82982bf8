#include "array_names.h"

namespace rig {

std::string ArrayNames::of(const std::string& array, const std::string& uuid) {
  const std::pair key(array, uuid);
  if (const auto known = known_.find(key); known != known_.end()) return known->second;
  const UdevProperties udev = ask_(array);
  // Volumes of imsm and DDF have the second only.
  for (const auto* property : {"MD_NAME", "MD_DEVNAME"}) {
    const auto name = udev.find(property);
    if (name == udev.end()) continue;
    if (!uuid.empty()) known_[key] = name->second;
    return name->second;
  }
  // One that mdadm has told of without a name has none (metadata 0.90).
  if (udev.contains("MD_LEVEL") && !uuid.empty()) known_[key] = "";
  return "";
}

}  // namespace rig
