#include "gpu/derived/peak_window.h"

#include <cmath>

namespace rig {
namespace {

constexpr int kMaxSamples = 100;

}  // namespace

void PeakWindow::add(double value, Clock::time_point now) {
  expire(now);
  if (!std::isfinite(value)) return;
  while (!samples_.empty() && samples_.back().value <= value) samples_.pop_back();
  if (!samples_.empty() && now - samples_.back().at < window_ / kMaxSamples) return;
  samples_.push_back({value, now});
}

void PeakWindow::expire(Clock::time_point now) {
  while (!samples_.empty() && now - samples_.front().at >= window_) samples_.pop_front();
}

std::optional<double> PeakWindow::highest() const {
  return samples_.empty() ? std::nullopt : std::optional(samples_.front().value);
}

}  // namespace rig
