// Decides when the probe is restarted, and whether it may use rocm-smi.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "gpu/supervisor/probe_limits.h"

namespace rig {

// Exponential backoff.
class RestartBackoff {
 public:
  explicit RestartBackoff(const ProbeLimits& limits) : limits_(limits), next_(limits.min_backoff) {}

  // Returns the delay before the next start of a probe that ran for `uptime`.
  ProbeLimits::Duration next_delay(std::chrono::steady_clock::duration uptime);

 private:
  ProbeLimits limits_;
  ProbeLimits::Duration next_;
};

// Disables librocm_smi64 after several failures within a short time, and enables it again much
// later. For a while after that, a single failure disables it.
class LibraryCircuitBreaker {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit LibraryCircuitBreaker(const ProbeLimits& limits) : limits_(limits) {}

  // Records a failure of a probe that was allowed to use the library and may have failed because of
  // it. `kind`: "rocm_smi crashed"; `detail`: "killed by SIGABRT".
  void record_failure(std::string_view kind, std::string_view detail, Time now);

  // True while the library must not be used.
  bool is_open(Time now) const { return retry_at_ && now < *retry_at_; }

  // "rocm_smi crashed 3 times: killed by SIGABRT"
  const std::string& reason() const { return reason_; }

 private:
  ProbeLimits limits_;
  std::deque<Time> failures_;      // within the window
  std::size_t failure_count_ = 0;  // that disabled the library, including those of later retries
  std::optional<Time> retry_at_;
  std::string reason_;
};

}  // namespace rig
