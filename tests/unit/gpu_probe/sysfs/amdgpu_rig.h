// Copies of a rig whose first GPU is read.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "gpu_probe/sysfs/amdgpu_sysfs.h"
#include "rig/amdgpu/card_discovery.h"
#include "support/rig_copy.h"

namespace rig {

inline std::string no_name(std::string_view /*unused*/, std::string_view /*unused*/,
                           std::string_view /*unused*/) {
  return {};
}

// A GPU without the table gpu_metrics, so that each value has one source.
struct BareRig : RigCopy {
  BareRig() { std::filesystem::remove(gpu() / "gpu_metrics"); }
};

// The directory of the first GPU, as problems name it.
inline std::filesystem::path first_gpu(const RigCopy& rig) {
  return rig.sys() / "class/drm/card0/device";
}

inline AmdgpuSysfs source_of(const RigCopy& rig) {
  return {list_amdgpu_cards(rig.sys()).at(0), no_name};
}

inline GpuReading read(const RigCopy& rig) { return source_of(rig).read().value().reading; }

}  // namespace rig
