#include "disk/monitored_devices.h"

#include <string_view>

#include "rig/disk/block_devices.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

bool is_array(const fs::path& directory) { return fs::is_directory(directory / "md"); }

bool is_hidden_nvme_path(const fs::path& directory) {
  return directory.filename().string().starts_with("nvme") &&
         read_trimmed(directory / "hidden").get() == "1";
}

// Only hardware has a link "device".
bool is_disk(const fs::path& directory) {
  const std::string name = directory.filename().string();
  return !name.starts_with("sr") && !name.starts_with("fd") &&
         fs::is_symlink(directory / "device") && !is_hidden_nvme_path(directory);
}

}  // namespace

ReadResult<ListedDevices> list_devices(const fs::path& sys) {
  const auto names = list_names(sys / "block").get();
  if (!names) return std::nullopt;
  ListedDevices listed;
  for (const std::string& name : *names) {
    const fs::path directory = sys / "block" / name;
    if (is_array(directory)) {
      ListedDevices::Array& array = listed.arrays[device_name(directory)];
      array.directory = directory;
      for (const fs::path& below : devices_under(directory))
        array.below.push_back(device_name(below));
    } else if (is_disk(directory)) {
      listed.disks.insert(device_name(directory));
    }
  }
  return listed;
}

// A container has "external:imsm"; a volume in it has "external:/md127/0" or "external:-md127/0".
ReadResult<bool> read_is_container(const fs::path& array) {
  constexpr std::string_view kExternal = "external:";
  const fs::path file = array / "md/metadata_version";
  const auto metadata = read_text(file).get();
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
