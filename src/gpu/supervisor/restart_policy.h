// When the probe is started again, and whether with rocm-smi. Knows no clock and no process.
#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "gpu/supervisor/probe_supervisor.h"

namespace rig {

// The pause before the next start: doubled from one short life to the next.
class RestartBackoff {
 public:
  explicit RestartBackoff(const ProbeLimits& limits) : limits_(limits), next_(limits.first_pause) {}

  ProbeLimits::Duration after_life_of(std::chrono::steady_clock::duration lived);

 private:
  ProbeLimits limits_;
  ProbeLimits::Duration next_;
};

// Whether librocm_smi64 may be used. It is given up after several failures in a short time, and
// tried again much later; then a single failure is enough.
class LibraryCircuitBreaker {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit LibraryCircuitBreaker(const ProbeLimits& limits) : limits_(limits) {}

  // The probe failed while it might use the library, in a way that the library may be to blame
  // for. `what`: "rocm_smi crashed"; `how`: "killed by SIGABRT".
  void failed(std::string_view what, std::string_view how, Time now);

  // True while it is given up; becomes false again when it is time to try.
  bool given_up(Time now) const { return again_at_ && now < *again_at_; }

  // "rocm_smi crashed 3 times: killed by SIGABRT"
  const std::string& reason() const { return reason_; }

 private:
  ProbeLimits limits_;
  std::deque<Time> failures_;  // within the window
  std::size_t count_ = 0;      // failures that led to giving up, those of later trials with them
  std::optional<Time> again_at_;
  std::string reason_;
};

}  // namespace rig
