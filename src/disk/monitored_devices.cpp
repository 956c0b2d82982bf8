#include "disk/monitored_devices.h"

#include <string_view>

#include "rig/disk/block_devices.h"
#include "rig/kernel/files.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

bool is_array(const fs::path& directory) { return fs::is_directory(directory / "md"); }

// A container has "external:imsm"; a volume in it has "external:/md127/0" or "external:-md127/0".
bool is_container(const fs::path& array) {
  constexpr std::string_view kExternal = "external:";
  const std::string metadata = read_trimmed(array / "md/metadata_version").get().value_or("");
  return metadata.starts_with(kExternal) && metadata.find_first_of("/-") != kExternal.size();
}

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

ReadResult<MonitoredDevices> read_monitored_devices(const fs::path& sys) {
  const auto names = list_names(sys / "block").get();
  if (!names) return std::nullopt;
  MonitoredDevices devices;
  for (const std::string& name : *names) {
    const fs::path directory = sys / "block" / name;
    if (is_array(directory)) {
      const std::string array = device_name(directory);
      devices[array].is_array = true;
      if (is_container(directory)) continue;
      for (const fs::path& below : devices_under(directory))
        devices[device_name(below)].arrays.insert(array);
    } else if (is_disk(directory)) {
      devices.try_emplace(device_name(directory));
    }
  }
  return devices;
}

}  // namespace rig
