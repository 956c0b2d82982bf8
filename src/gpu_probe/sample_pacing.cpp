#include "gpu_probe/sample_pacing.h"

#include <algorithm>
#include <cmath>
#include <ctime>

namespace rig {
namespace {

constexpr int kStartRounds = 5;
constexpr double kWeight = 0.1;  // of a round in the average of the latest ones

}  // namespace

void SamplePacing::update(Duration cpu_time, std::size_t gpus) {
  const double seconds = std::chrono::duration<double>(cpu_time - cpu_time_).count();
  cpu_time_ = cpu_time;
  // The first rounds include the start of the program and of the GPU library.
  ++rounds_;
  if (rounds_ <= kStartRounds) return;
  const double weight = std::max(kWeight, 1.0 / (rounds_ - kStartRounds));
  round_seconds_ += weight * (seconds - round_seconds_);
  if (gpus <= kUnlimitedGpus || cpu_share_ <= 0) {
    quarters_ = 4;
    return;
  }
  const double quarter = std::chrono::duration<double>(interval_).count() / 4;
  const double needed = round_seconds_ / cpu_share_ / quarter;
  // It becomes shorter only if there is room for more than that.
  if (needed > quarters_ || needed < quarters_ - 1.5)
    quarters_ = std::clamp(static_cast<int>(std::ceil(std::min(needed, 1e6))), 4, kMaxQuarters);
}

SamplePacing::Duration process_cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + SamplePacing::Duration(time.tv_nsec);
}

}  // namespace rig
