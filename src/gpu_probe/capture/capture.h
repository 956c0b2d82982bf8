// rig_gpu_probe --capture: copies the files that the probe reads, so that the machine's GPUs can be
// reproduced elsewhere.
//
// There is no separate list of files: the capture takes a sample of each GPU and copies everything
// that is read for it, plus files that are useful in bug reports (capture_extras.h). It does not
// read driver files of a suspended GPU. anonymize.h describes which identifiers are replaced.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "gpu_probe/sysfs/amdgpu_properties.h"
#include "rig/kernel/root_paths.h"

namespace rig {

struct CaptureSettings {
  std::string version;
  RootPaths paths;
  MarketingName marketing_name;
  std::chrono::milliseconds timeout{5000};  // for all GPUs, which are read in parallel
};

struct CaptureResult {
  std::string problem;  // empty if there are GPUs and all of them were read
  std::string summary;  // a few lines for the user
};

// Writes sys/, proc/, usr/ and capture.txt to `directory`, which must be empty or not exist. Throws
// std::runtime_error if the directory cannot be used, the GPUs cannot be listed, or writing fails.
CaptureResult capture(const CaptureSettings& settings, const std::filesystem::path& directory);

}  // namespace rig
