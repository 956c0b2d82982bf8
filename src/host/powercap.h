// What CPUs consume: RAPL, by /sys/class/powercap/intel-rapl:* (the driver's name for AMD, too).
// Documentation/power/powercap/powercap.rst of the kernel.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace rig {

struct EnergyZones {
  struct Zone {
    std::string name;  // "package-0", "package-0/core", "package-1/dram", "psys"
    std::uint64_t microjoules = 0;
    std::optional<std::uint64_t> range_microjoules;  // where it wraps
  };
  std::vector<Zone> zones;
  std::chrono::steady_clock::time_point at;  // when they were read
  std::vector<std::string> problems;
};

// Since 5.10 energy_uj is for root only: what we may not read is absent. The same counters shown
// once more by intel-rapl-mmio are left out. Any thread; the driver may ask another CPU.
EnergyZones read_energy_zones(const std::filesystem::path& sys);

// The zones' energy with the wraps undone, in joules. A zone at 100 W wraps every 44 minutes (at
// 262 kJ): of several wraps between two scrapes all but one are missed, and a wrap that would mean
// more than 2 kW is none, but a counter that began anew. A zone that is not in `zones` stays known.
// Used by one thread.
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
