#include "gpu/derived/busy_history.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "gpu/gpu_limits.h"

namespace rig {
namespace {

constexpr std::chrono::seconds kWakingTime{15};
constexpr std::string_view kStuckEngine = "gfx";

bool is_ratio(double value) { return value >= 0 && value <= 1; }

}  // namespace

void BusyHistory::add(const GpuReading& reading, Clock::time_point now) {
  believed_.clear();
  for (auto& [name, engine] : engines_) engine.peak.expire(now);
  note_sleep(reading, now);
  if (asleep_) return sleep();
  if (last_ && now - *last_ > max_gap_) held_.reset();
  last_ = now;
  detector_.add(reading, now);
  settle_held();
  for (const auto& [name, ratio] : reading.busy_ratio) {
    if (is_ratio(ratio)) add_ratio(name, ratio, reading, now);
  }
}

void BusyHistory::note_sleep(const GpuReading& reading, Clock::time_point now) {
  const bool was_asleep = std::exchange(asleep_, may_be_asleep(reading.runtime_state));
  const auto before = suspended_seconds_;
  if (reading.suspended_seconds) suspended_seconds_ = reading.suspended_seconds;
  // Between two readings, the GPU may have slept unnoticed.
  const bool has_slept = before && *suspended_seconds_ > *before;
  if (!asleep_ && (was_asleep || has_slept)) woken_at_ = now;
}

void BusyHistory::sleep() {
  detector_.interrupt();
  held_.reset();
  for (auto& [name, engine] : engines_) engine.time.interrupt();
}

void BusyHistory::settle_held() {
  if (!held_) return;
  if (detector_.confirmed()) {
    held_.reset();
  } else if (!detector_.may_be_suspect()) {
    auto& engine = engines_.at(std::string(kStuckEngine));
    engine.seconds += held_->seconds;
    engine.peak.add(held_->highest, held_->highest_at);
    held_.reset();
  }
}

void BusyHistory::add_ratio(const std::string& name, double ratio, const GpuReading& reading,
                            Clock::time_point now) {
  auto* const engine =
      try_emplace_limited(engines_, name, Engine{SampledTime(max_gap_), PeakWindow(peak_window_)});
  if (engine == nullptr) return;
  const double sampled_seconds = engine->time.sample(now);
  const auto average = engine->accumulated.add(
      {ratio, value_in(reading.busy_cycles, name), reading.counted_cycles, sampled_seconds});
  const double seconds = average.value_or(ratio) * sampled_seconds;
  if (woken_at_ && now - *woken_at_ < kWakingTime) return;
  if (name == kStuckEngine && detector_.may_be_suspect()) {
    if (detector_.confirmed()) return;
    if (!held_) held_ = Held{0, ratio, now};
    held_->seconds += seconds;
    if (ratio >= held_->highest) held_->highest_at = now;
    held_->highest = std::max(held_->highest, ratio);
    return;
  }
  believed_[name] = ratio;
  engine->seconds += seconds;
  engine->peak.add(ratio, now);
}

BusyHistory::Values BusyHistory::seconds() const {
  Values seconds;
  for (const auto& [name, engine] : engines_) seconds[name] = engine.seconds;
  return seconds;
}

BusyHistory::Values BusyHistory::peaks() const {
  Values peaks;
  for (const auto& [name, engine] : engines_) {
    if (const auto highest = engine.peak.highest()) peaks[name] = *highest;
  }
  return peaks;
}

}  // namespace rig
