#include "host/monotonic_ticks.h"

#include <utility>

namespace rig {

bool MonotonicTicks::began_anew(std::uint64_t before, std::uint64_t now) const {
  constexpr double kLongestSlip = 3;  // seconds
  return now < before / 2 && static_cast<double>(before - now) > kLongestSlip * ticks_per_second_;
}

std::vector<CpuTicks> MonotonicTicks::rise(std::vector<CpuTicks> cpus) {
  std::map<std::string, CpuTicks> shown;
  for (CpuTicks& cpu : cpus) {
    const auto before = shown_.find(cpu.cpu);
    for (std::size_t i = 0; before != shown_.end() && i < cpu.ticks.size(); ++i) {
      auto& now = cpu.ticks[i];
      const auto last = before->second.ticks[i];
      if (now && last && *now < *last && !began_anew(*last, *now)) now = last;
    }
    shown[cpu.cpu] = cpu;
  }
  shown_ = std::move(shown);
  return cpus;
}

}  // namespace rig
