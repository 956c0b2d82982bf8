// The interface through which rig_gpu_probe uses librocm_smi64 without linking it.
//
// It is implemented by rig_rocm_smi.so, a module that the probe loads with dlopen() after
// librocm_smi64, so that the probe also runs where the library is not installed. Both are built
// from the same source tree; kGpuLibraryEntry changes whenever this file does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

// The values of one GPU that were just read successfully from the driver's files. Nothing else is
// queried: if the driver rejects a read or its text is unusual, the library aborts, crashes or
// returns 0.
struct GpuQuery {
  std::vector<std::string> temperatures;  // sensors: edge, junction, memory
  std::vector<std::string> clocks;        // sclk, mclk
  bool power = false;
  bool power_cap = false;
  bool fan_rpm = false;
  bool fan_ratio = false;
  bool performance_level = false;
  bool memory_size = false;
  bool memory_used = false;

  bool operator==(const GpuQuery&) const = default;
};

// Not thread-safe: one thread makes all calls, start() first. Any call may block without limit, for
// the driver or for another user of the library.
class GpuLibrary {
 public:
  virtual ~GpuLibrary() = default;

  // Finds the GPUs; to be called again after GPUs were added, removed or bound again. Returns why
  // it failed; empty: it succeeded.
  virtual std::string start() = 0;

  virtual std::string version() const = 0;
  // Of the GPUs that start() found: "0000:03:00.0".
  virtual std::vector<std::string> pci_addresses() const = 0;

  // Values that were not queried or could not be read are absent.
  virtual GpuReading read(const std::string& pci_address, const GpuQuery& query) = 0;
};

using GpuLibraryEntry = GpuLibrary* (*)();  // the caller deletes it
inline constexpr const char* kGpuLibraryEntry = "rig_gpu_library_1";

// There are two generations of the library with different structs, often with the same SONAME, and
// rsmi_version_get() returns 1.0.0 in some builds of both. This function exists in the second only,
// which is that of ROCm 6.
inline constexpr const char* kSecondGenerationFunction = "rsmi_dev_activity_metric_get";

}  // namespace rig
