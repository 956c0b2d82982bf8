#include "host/monotonic_ticks.h"

#include <utility>

namespace rig {

bool MonotonicTicks::is_reset(std::uint64_t before, std::uint64_t now) const {
  constexpr double kMaxDecreaseSeconds = 3;
  return now < before / 2 &&
         static_cast<double>(before - now) > kMaxDecreaseSeconds * ticks_per_second_;
}

std::vector<CpuTicks> MonotonicTicks::update(std::vector<CpuTicks> cpus) {
  std::map<std::string, CpuTicks> reported;
  for (CpuTicks& cpu : cpus) {
    const auto before = last_.find(cpu.cpu);
    for (std::size_t i = 0; before != last_.end() && i < cpu.ticks.size(); ++i) {
      auto& now = cpu.ticks[i];
      const auto last = before->second.ticks[i];
      if (now && last && *now < *last && !is_reset(*last, *now)) now = last;
    }
    reported[cpu.cpu] = cpu;
  }
  last_ = std::move(reported);
  return cpus;
}

}  // namespace rig
