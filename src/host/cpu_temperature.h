// CPU temperatures as coretemp (Intel), k10temp and zenpower (AMD) show them in /sys/class/hwmon.
// Documentation/hwmon/coretemp.rst and k10temp.rst of the kernel.
//
// Any thread. A read may take long: the driver may ask another CPU or the system management unit.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace rig {

// The folders of the chips that are a CPU's. hwmon numbers them as they come: "hwmon3".
std::vector<std::filesystem::path> find_cpu_chips(const std::filesystem::path& sys);

struct CpuTemperatures {
  struct Sensor {
    // The chip's device, the same after every boot: "coretemp.0", "0000:00:18.3" (k10temp); the
    // driver's name where there is no device.
    std::string chip;
    // tempN_label: "Package id 0", "Core 0", "Tctl", "Tdie", "Tccd1"; else "temp1". Tctl, which the
    // fans follow, is above the real temperature Tdie on some AMD CPUs.
    std::string name;
    double celsius = 0;
  };
  std::vector<Sensor> sensors;
  std::vector<std::string> problems;
};

// A sensor that says that it has no value now (EAGAIN, ENODATA) is left out; one below -40 or above
// 150 degrees is a problem.
CpuTemperatures read_cpu_temperatures(const std::filesystem::path& chip);

}  // namespace rig
