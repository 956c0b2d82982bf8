#include "disk/measured_devices.h"

#include <string_view>

#include "rig/disk/block_devices.h"
#include "rig/kernel/files.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

bool is_array(const fs::path& folder) { return fs::is_directory(folder / "md"); }

// "external:imsm"; a volume in it has "external:/md127/0", or "-" for the first "/".
bool is_container(const fs::path& array) {
  constexpr std::string_view kExternal = "external:";
  const std::string metadata = read_line(array / "md/metadata_version").value_or("");
  return metadata.starts_with(kExternal) && metadata.find_first_of("/-") != kExternal.size();
}

bool is_hidden_path(const fs::path& folder) {
  return folder.filename().string().starts_with("nvme") && read_line(folder / "hidden") == "1";
}

// Only hardware hangs on a device.
bool is_disk(const fs::path& folder) {
  const std::string name = folder.filename().string();
  return !name.starts_with("sr") && !name.starts_with("fd") && fs::is_symlink(folder / "device") &&
         !is_hidden_path(folder);
}

}  // namespace

std::map<std::string, MeasuredDevice> read_measured_devices(const fs::path& sys) {
  std::map<std::string, MeasuredDevice> devices;
  for (const std::string& name : list_directory(sys / "block")) {
    const fs::path folder = sys / "block" / name;
    if (is_array(folder)) {
      const std::string array = device_name(folder);
      devices[array].is_array = true;
      if (is_container(folder)) continue;
      for (const fs::path& below : devices_under(folder))
        devices[device_name(below)].arrays.insert(array);
    } else if (is_disk(folder)) {
      devices.try_emplace(device_name(folder));
    }
  }
  return devices;
}

}  // namespace rig
