#include "gpu/derived/cycle_times.h"

#include <algorithm>

#include "gpu/derived/counter_increase.h"
#include "gpu/gpu_limits.h"
#include "rig/metrics/plausible.h"

namespace rig {
namespace {

// After a longer time the counters may have been reset and exceeded their previous values since.
constexpr std::chrono::minutes kMaxCycleGap{10};

}  // namespace

LabeledNumbers CycleTimes::add(const LabeledNumbers& cycles, std::optional<double> counted,
                               Clock::time_point now) {
  LabeledNumbers shares;
  if (!counted || !kAnyCount.contains(*counted)) return shares;
  for (const auto& [state, in_state] : cycles) {
    if (!kAnyCount.contains(in_state)) continue;
    auto* const counter = try_emplace_limited(counters_, state);
    if (counter == nullptr) continue;
    if (const auto share = advance(*counter, {in_state, *counted, now})) shares[state] = *share;
  }
  return shares;
}

void CycleTimes::interrupt() {
  for (auto& [state, counter] : counters_) counter.last.reset();
}

std::map<std::string, double> CycleTimes::seconds() const {
  std::map<std::string, double> seconds;
  for (const auto& [state, counter] : counters_) seconds[state] = counter.seconds;
  return seconds;
}

std::optional<double> CycleTimes::advance(Counter& counter, const Cycles& cycles) {
  const auto last = counter.last;
  if (!last || cycles.at - last->at > kMaxCycleGap) {
    counter.last = cycles;
    return std::nullopt;
  }
  const auto in_state = counter_increase(last->in_state, cycles.in_state);
  const auto counted = counter_increase(last->counted, cycles.counted);
  if (counted && *counted == 0) return std::nullopt;  // the firmware has not updated its counters
  counter.last = cycles;
  if (!in_state || !counted) return std::nullopt;
  const double share = std::min(1.0, *in_state / *counted);
  counter.seconds += share * std::chrono::duration<double>(cycles.at - last->at).count();
  return share;
}

}  // namespace rig
