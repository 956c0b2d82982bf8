#include "gpu_probe/sysfs/marketing_name.h"

#include "rig/amdgpu/text_formats.h"
#include "rig/kernel/files.h"

namespace rig {
namespace {

std::string name_in_amdgpu_ids(const std::filesystem::path& root, std::string_view device_id,
                               std::string_view revision) {
  try {
    const auto ids = read_file(root / "usr/share/libdrm/amdgpu.ids");
    return ids ? find_marketing_name(*ids, device_id, revision) : "";
  } catch (const ReadError&) {  // only the name is lost
    return {};
  }
}

}  // namespace

std::string marketing_name(const std::filesystem::path& root, std::string_view device_id,
                           std::string_view revision, std::string_view uevent) {
  std::string name = name_in_amdgpu_ids(root, device_id, revision);
  if (!name.empty()) return name;
  const std::string modalias(uevent_value(uevent, "MODALIAS"));
  return modalias.empty() ? "" : hwdb_model(modalias);
}

}  // namespace rig
