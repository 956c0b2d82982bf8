// Loads rig_rocm_smi.so.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "gpu_probe/rocm_smi/gpu_library.h"

namespace rig {

struct LoadedGpuLibrary {
  std::unique_ptr<GpuLibrary> library;
  std::string reason;  // why `library` is null
};

// Loads rig_rocm_smi.so from the program's directory, or else from where it is installed. Removes
// the library's debugging variables from the environment first: no other thread may be running.
LoadedGpuLibrary load_gpu_library(const std::filesystem::path& program_directory);

}  // namespace rig
