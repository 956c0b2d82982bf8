// CPU temperatures from /sys/class/hwmon, as reported by the drivers coretemp (Intel), k10temp and
// zenpower (AMD). Documentation/hwmon/coretemp.rst and k10temp.rst in the kernel sources.
//
// Thread-safe. A read may block: the driver may have to query another CPU or the system management
// unit.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "rig/kernel/problem.h"
#include "rig/kernel/read_result.h"

namespace rig {

// The hwmon directories of CPU sensors. Their numbers ("hwmon3") may change at every boot.
ReadResult<std::vector<std::filesystem::path>> find_cpu_chips(const std::filesystem::path& sys);

struct CpuTemperatures {
  struct Sensor {
    // The device of the chip, which is stable across boots: "coretemp.0", "0000:00:18.3" (k10temp);
    // the name of the driver if there is no device.
    std::string chip;
    // tempN_label ("Package id 0", "Core 0", "Tctl", "Tdie", "Tccd1") or, without a label, "tempN".
    // Tctl is the fan control value; on some AMD CPUs it is higher than Tdie, the actual
    // temperature.
    std::string name;
    double celsius = 0;
  };
  std::vector<Sensor> sensors;
  std::vector<Problem> problems;
};

// Omits a sensor that currently has no value (EAGAIN, ENODATA). A temperature below -40 or above
// 150 degrees is a problem.
CpuTemperatures read_cpu_temperatures(const std::filesystem::path& chip);

}  // namespace rig
