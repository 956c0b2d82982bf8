// What rig_gpu_probe asks of librocm_smi64, without naming it.
//
// rig_rocm_smi.so implements it: a module that is linked to librocm_smi64 and that the probe opens
// with dlopen(), so that the probe runs where the library is not installed. Both are built together
// from one tree; kGpuLibraryEntry changes when this file does.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

// What the driver's own files have just answered well for one card. Nothing else is asked: the
// library asserts, crashes or makes up a 0 where the driver refuses or writes something unusual.
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

// Not thread-safe: one thread calls start(), and then all others. Any call may block for as long as
// the driver, or another user of the library, likes.
class GpuLibrary {
 public:
  virtual ~GpuLibrary() = default;

  // Looks for cards; call it again when cards came, went or were bound anew. Empty when it worked,
  // else why not.
  virtual std::string start() = 0;

  virtual std::string version() const = 0;
  // The cards it found, as "0000:03:00.0".
  virtual std::vector<std::string> pci_addresses() const = 0;

  // What it truly answered, the rest is absent.
  virtual GpuReading read(const std::string& pci_address, const GpuQuery& questions) = 0;
};

using GpuLibraryEntry = GpuLibrary* (*)();  // the caller deletes it
inline constexpr const char* kGpuLibraryEntry = "rig_gpu_library_1";

}  // namespace rig
