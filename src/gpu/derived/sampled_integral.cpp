#include "gpu/derived/sampled_integral.h"

namespace rig {

double SampledTime::sample(Clock::time_point now) {
  const auto elapsed = last_ ? now - *last_ : Clock::duration::zero();
  if (last_ && elapsed <= Clock::duration::zero()) return 0;
  last_ = now;
  return elapsed <= max_gap_ ? std::chrono::duration<double>(elapsed).count() : 0;
}

}  // namespace rig
