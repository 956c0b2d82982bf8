#include "gpu_probe/sysfs/marketing_name.h"

#include "rig/amdgpu/text_formats.h"
#include "rig/kernel/files.h"

namespace rig {
namespace {

std::string name_in_amdgpu_ids(const std::filesystem::path& root, std::string_view device_id,
                               std::string_view revision) {
  const auto ids = read_text(root / "usr/share/libdrm/amdgpu.ids");
  return ids ? find_marketing_name(*ids, device_id, revision) : "";
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
