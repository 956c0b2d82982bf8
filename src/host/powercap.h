// Energy consumption measured by RAPL: /sys/class/powercap/intel-rapl:* (also on AMD CPUs).
// Documentation/power/powercap/powercap.rst in the kernel sources.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rig/kernel/problem.h"
#include "rig/kernel/readable_files.h"

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

// Zones that this user may not read are omitted, since Linux 5.10 all of them, and so are those
// that the machine does not support (EINVAL in virtual machines). intel-rapl-mmio is also omitted,
// because it duplicates the same counters. Of several zones of the same name the first, in the
// order of their directories, has the plain name; the others have their directory appended:
// "package-0 (intel-rapl:1)". Not thread-safe.
class EnergyZoneReader {
 public:
  EnergyZoneReader(const std::filesystem::path& sys, std::shared_ptr<ReadableFiles> files)
      : powercap_(sys / "class/powercap"), files_(std::move(files)) {}

  // May block, since the driver may have to query another CPU.
  EnergyZones read();

 private:
  ReadResult<std::uint64_t> read_microjoules(const std::string& file) const;
  bool is_repeated(const std::string& zone, const std::string& name) const;

  const std::filesystem::path powercap_;
  const std::shared_ptr<ReadableFiles> files_;
  std::map<std::string, std::string> names_;  // the last known name of each zone's directory
};

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
