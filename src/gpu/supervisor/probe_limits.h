// Timeouts and other limits of the supervision of rig_gpu_probe.
#pragma once

#include <chrono>
#include <cstddef>

namespace rig {

// The defaults are used in production; tests shorten them.
struct ProbeLimits {
  using Duration = std::chrono::milliseconds;

  // The probe counts as hung after this time without a valid line.
  Duration output_timeout = std::chrono::seconds(5);
  // Delay before a restart: doubled after each failure, reset by a probe that ran for
  // `healthy_uptime`.
  Duration min_backoff{500};
  Duration max_backoff = std::chrono::seconds(60);
  Duration healthy_uptime = std::chrono::seconds(60);
  // After this many crashes and hangs with rocm-smi within the window, the probe runs without it;
  // it is tried again after `library_retry_after`.
  unsigned max_library_failures = 3;
  Duration library_failure_window = std::chrono::minutes(10);
  Duration library_retry_after = std::chrono::hours(1);
  // Between SIGTERM and SIGKILL when the exporter stops.
  Duration terminate_timeout{200};
  // If a wait takes this much longer than its timeout, the exporter itself was suspended.
  Duration suspend_threshold{2000};
  std::size_t max_line_size = 1U << 20U;
  // No probe is started while this many killed ones are hung in the kernel.
  unsigned max_unkillable = 3;
};

}  // namespace rig
