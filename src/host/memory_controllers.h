// Memory errors detected by ECC: /sys/devices/system/edac/mc/mcN.
// Documentation/ABI/testing/sysfs-devices-edac in the kernel sources.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rig/kernel/problem.h"

namespace rig {

// The counts start at 0 when the EDAC driver is loaded, and when reset_counters is written. They
// include errors that the controller could not attribute to a DIMM (ce_noinfo_count,
// ue_noinfo_count).
struct MemoryController {
  std::string name;                            // "mc0"
  std::optional<std::uint64_t> correctable;    // ce_count
  std::optional<std::uint64_t> uncorrectable;  // ue_count
};

struct MemoryControllers {
  std::vector<MemoryController> controllers;  // empty without ECC memory or EDAC driver
  std::vector<Problem> problems;
};

// May block: the EDAC driver may have to query the hardware.
MemoryControllers read_memory_controllers(const std::string& sys);

}  // namespace rig
