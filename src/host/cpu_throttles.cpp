#include "host/cpu_throttles.h"

#include <string>

#include "rig/kernel/best_effort_reader.h"

namespace rig {

CpuThrottles read_cpu_throttles(const std::filesystem::path& sys, const std::vector<unsigned>& cpus,
                                const std::vector<unsigned>& first_of_sockets,
                                ReadableFiles& files) {
  const std::string cpus_directory = sys.native() + "/devices/system/cpu/cpu";
  const auto file_of = [&](unsigned cpu, const char* name) {
    return cpus_directory + std::to_string(cpu) + "/thermal_throttle/" + name;
  };
  BestEffortReader reader;
  const auto read_count = [&](const std::string& file) {
    return reader.value(files.check(file, read_number<std::uint64_t>(file)));
  };
  CpuThrottles throttles;
  for (const unsigned cpu : first_of_sockets) {
    const auto count = read_count(file_of(cpu, "package_throttle_count"));
    throttles.counts.push_back({.cpu = cpu, .core = std::nullopt, .package = count});
  }
  const bool supported =
      !cpus.empty() && is_present(file_of(cpus.front(), "core_throttle_count")) == true;
  for (const unsigned cpu : supported ? cpus : std::vector<unsigned>()) {
    const auto count = read_count(file_of(cpu, "core_throttle_count"));
    if (count) throttles.counts.push_back({.cpu = cpu, .core = count, .package = std::nullopt});
  }
  throttles.problems = reader.take_problems();
  return throttles;
}

}  // namespace rig
