// How often the GPUs are sampled: at the configured interval, or less often if that would need too
// much CPU time on a machine with many GPUs.
#pragma once

#include <chrono>
#include <cstddef>

namespace rig {

// Used by one thread.
class SamplePacing {
 public:
  using Duration = std::chrono::nanoseconds;

  // As many GPUs are sampled at the configured interval whatever it costs.
  static constexpr std::size_t kUnlimitedGpus = 8;
  // rig_exporter takes a GPU of which it gets no sample for three intervals for one that hangs.
  static constexpr int kMaxQuarters = 10;  // 2.5 intervals

  // `cpu_share`: of one CPU, such as 0.05; 0: no limit.
  SamplePacing(std::chrono::milliseconds interval, double cpu_share)
      : interval_(interval), cpu_share_(cpu_share) {}

  // After each round of samples. `cpu_time`: that of the process since its start.
  void update(Duration cpu_time, std::size_t gpus);

  // A multiple of a quarter of the configured interval, so that it rarely changes.
  std::chrono::milliseconds interval() const { return interval_ * quarters_ / 4; }

 private:
  const std::chrono::milliseconds interval_;
  const double cpu_share_;
  int quarters_ = 4;
  double round_seconds_ = 0;  // CPU time of a round; the average of the latest ones
  int rounds_ = 0;
  Duration cpu_time_{};
};

// CLOCK_PROCESS_CPUTIME_ID.
SamplePacing::Duration process_cpu_time();

}  // namespace rig
