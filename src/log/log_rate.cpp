#include "log/log_rate.h"

#include <algorithm>

namespace rig {

bool LogRate::allow(LogLevel level, Time now) {
  if (updated_at_) {
    const std::chrono::duration<double> passed = now - *updated_at_;
    left_ = std::clamp(left_ + passed.count() * kPerSecond, 0.0, kBurst);
  }
  updated_at_ = now;
  if (left_ < (level == LogLevel::debug ? kNotForDebug + 1 : 1)) return false;
  left_ -= 1;
  return true;
}

}  // namespace rig
