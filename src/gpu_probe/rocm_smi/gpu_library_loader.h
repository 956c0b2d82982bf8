// Finds and opens rig_rocm_smi.so.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "gpu_probe/rocm_smi/gpu_library.h"

namespace rig {

struct LoadedGpuLibrary {
  std::unique_ptr<GpuLibrary> library;
  std::string reason;  // why there is none
};

// The first that is there of rig_rocm_smi.so in `program_folder` and where it is installed. Takes
// the library's debugging switches out of the environment first: call it while there is one thread.
LoadedGpuLibrary load_gpu_library(const std::filesystem::path& program_folder);

}  // namespace rig
