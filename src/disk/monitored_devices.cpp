#include "disk/monitored_devices.h"

#include <string_view>

#include "rig/disk/block_devices.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

bool is_array(const std::string& directory) {
  return is_present(directory + "/md").value_or(false);
}

// Only hardware has a link "device".
bool is_hardware(const std::string& directory, const std::string& name) {
  return !name.starts_with("sr") && !name.starts_with("fd") &&
         link_target_name(directory + "/device").has_value();
}

// A problem if it is unknown whether an NVMe device is a hidden path of a multipath device.
ReadResult<bool> is_disk(const std::string& directory, const std::string& name) {
  if (!is_hardware(directory, name)) return false;
  if (!name.starts_with("nvme")) return true;
  const auto hidden = read_trimmed(directory + "/hidden");
  if (hidden.problem() != nullptr) return *hidden.problem();
  return hidden.value_or("0") != "1";
}

}  // namespace

ReadResult<ListedDevices> list_devices(const std::string& sys) {
  const std::string blocks = sys + "/block";
  const auto names = list_names(blocks).get();
  if (!names) return std::nullopt;
  ListedDevices listed;
  for (const std::string& name : *names) {
    const std::string directory = blocks + "/" + name;
    if (is_array(directory)) {
      ListedDevices::Array& array = listed.arrays[device_name(directory)];
      array.directory = directory;
      for (const std::string& below : devices_under(directory))
        array.below.push_back(device_name(below));
      continue;
    }
    const auto disk = is_disk(directory, name);
    if (disk.problem() != nullptr) listed.problems.push_back(*disk.problem());
    if (disk.value_or(false)) listed.disks.insert(device_name(directory));
  }
  return listed;
}

// A container has "external:imsm"; a volume in it has "external:/md127/0" or "external:-md127/0".
ReadResult<bool> read_is_container(const std::string& array) {
  constexpr std::string_view kExternal = "external:";
  // Without links, so that descriptors can be kept.
  const std::string file = real_path(array).value_or(array) + "/md/metadata_version";
  const auto metadata = read_attribute(file).get();
  if (!metadata) return std::nullopt;
  // The name of its container may be missing.
  if (is_truncated(*metadata)) return Problem::truncated(file);
  return metadata->starts_with(kExternal) && metadata->find_first_of("/-") != kExternal.size();
}

MonitoredDevices monitored_devices(const ListedDevices& listed,
                                   const std::map<std::string, bool>& containers) {
  MonitoredDevices devices;
  for (const std::string& disk : listed.disks) devices.try_emplace(disk);
  for (const auto& [name, array] : listed.arrays) {
    devices[name].is_array = true;
    const auto container = containers.find(name);
    const bool known = container != containers.end();
    if (known && container->second) continue;
    for (const std::string& below : array.below) {
      MonitoredDevice& device = devices[below];
      if (known) device.arrays.insert(name);
      device.arrays_known = device.arrays_known && known;
    }
  }
  return devices;
}

}  // namespace rig
