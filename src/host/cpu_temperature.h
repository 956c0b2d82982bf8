// CPU temperatures from /sys/class/hwmon and, for CPUs without a hwmon chip, /sys/class/thermal.
// Documentation/hwmon and Documentation/driver-api/thermal/sysfs-api.rst in the kernel sources.
//
// Thread-safe. A read may block: the driver may have to query another CPU or the system management
// unit.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rig/kernel/problem.h"
#include "rig/kernel/readable_files.h"

namespace rig {

struct CpuTemperatures {
  struct Sensor {
    // The device of a hwmon chip, which is stable across boots: "coretemp.0", "0000:00:18.3"
    // (k10temp); the name of the chip if there is no device or the chip belongs to a thermal zone
    // ("cpu_thermal"). For a thermal zone without hwmon chip its type: "x86_pkg_temp".
    std::string chip;
    // tempN_label ("Package id 0", "Core 0", "Tctl", "Tdie", "Tccd1") or, without a label, "tempN".
    // Tctl is the fan control value; on some AMD CPUs it is higher than Tdie, the actual
    // temperature. For a thermal zone "thermal_zoneN".
    std::string name;
    double celsius = 0;
  };
  // The name of the hwmon chip or the type of the thermal zone, with '_' instead of '-'; empty if
  // it is not a CPU's.
  std::string driver;
  bool is_zone = false;
  std::vector<Sensor> sensors;
  std::vector<Problem> problems;
};

// Whether a hwmon chip or a thermal zone measures the CPU or the chip (SoC) that it is part of.
bool is_cpu_chip(std::string_view name);
bool is_cpu_zone(std::string_view type);

// Reads a hwmon directory; without sensors if it is not a CPU's. Omits a sensor that currently has
// no value (EAGAIN) or that the hardware lacks (see ReadableFiles). A temperature below -40 or
// above 150 degrees is a problem.
CpuTemperatures read_cpu_temperatures(const std::string& chip, ReadableFiles& files);

// The same for a thermal zone.
CpuTemperatures read_cpu_zone(const std::string& zone, ReadableFiles& files);

// Whether a thermal zone is the same sensor as one of these hwmon chips: the kernel makes a hwmon
// chip of the same name for many zones, and the drivers for a CPU (coretemp) measure all of it.
bool repeats_chip(std::string_view zone_driver, const std::set<std::string>& chip_drivers);

}  // namespace rig
