// Energy consumption measured by RAPL: /sys/class/powercap/intel-rapl:* (also on AMD CPUs).
// Documentation/power/powercap/powercap.rst in the kernel sources.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rig/kernel/problem.h"

namespace rig {

struct EnergyZones {
  struct Zone {
    std::string name;  // "package-0", "package-0/core", "package-1/dram", "psys"
    std::uint64_t microjoules = 0;
    std::optional<std::uint64_t> range_microjoules;  // the counter wraps at this value
  };
  std::vector<Zone> zones;
  std::chrono::steady_clock::time_point read_at;
  std::vector<Problem> problems;
};

// Zones that may not be read are omitted: since Linux 5.10 energy_uj is readable by root only.
// intel-rapl-mmio is also omitted, because it duplicates the same counters. Thread-safe; may block,
// since the driver may have to query another CPU.
EnergyZones read_energy_zones(const std::filesystem::path& sys);

// Energy in joules, corrected for counter wraparound. At 100 W a zone wraps every 44 minutes (262
// kJ), so that at most one wrap between two scrapes is assumed. A decrease that would require more
// than 2 kW is a counter reset, not a wrap. The state of a zone that is missing from `zones` is
// kept. Not thread-safe.
class EnergyTotals {
 public:
  using Time = std::chrono::steady_clock::time_point;
  std::map<std::string, double> update(const std::vector<EnergyZones::Zone>& zones, Time now);

 private:
  struct Counter {
    std::uint64_t microjoules = 0;
    Time at;
    double wrapped_joules = 0;
  };
  static double wrapped_joules(const Counter& before, const EnergyZones::Zone& zone, Time now);

  std::map<std::string, Counter> counters_;
};

}  // namespace rig
