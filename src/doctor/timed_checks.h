// The looks of the doctor, all at once and each in a thread of its own: any of them may hang in the
// kernel.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "doctor/checks.h"
#include "doctor/finding.h"
#include "doctor/seen.h"

namespace rig {

template <typename Result>
struct Look {
  const char* at;       // what it looks at
  const char* if_late;  // the advice when it does not come back: what may be holding it
  std::function<Result(const Seen&)> look;
};

struct Looked {
  Findings findings;  // in the order of the checks, with one for each look that brought nothing
  std::vector<CardMetrics> cards;  // empty when they could not be listed
};

// Comes back at the deadline at the latest. A look that is still out then is left behind, and keeps
// `seen`.
Looked look_at(const std::shared_ptr<const Seen>& seen, std::span<const Look<Findings>> checks,
               const Look<std::vector<CardMetrics>>& metrics,
               std::chrono::steady_clock::time_point deadline);

}  // namespace rig
