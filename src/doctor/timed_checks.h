// Runs the doctor's checks concurrently, each in its own thread: any of them may hang in the
// kernel.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "doctor/check_input.h"
#include "doctor/checks.h"
#include "rig/doctor/finding.h"
#include "rig/threads/task_pool.h"

namespace rig {

template <typename Result>
struct TimedCheck {
  const char* subject;            // what it checks: "the arrays"
  const char* advice_on_timeout;  // what may be hanging
  std::function<Result(const CheckInput&)> check;
};

struct CheckResults {
  Findings findings;  // in the order of the checks, with one for each check that failed
  std::vector<GpuMetricList> gpus;  // empty if they could not be listed
};

// Returns by the deadline, in the order of the checks, with a finding for each check that failed. A
// check that is still running then keeps `input` and blocks one thread of the pool; a later call
// with the same pool does not run it again before it has returned.
Findings run_checks(TaskPool& pool, const std::shared_ptr<const CheckInput>& input,
                    std::span<const TimedCheck<Findings>> checks,
                    std::chrono::steady_clock::time_point deadline);

// The same, each check in a thread of its own. Returns by the deadline. A check that is still
// running then is left behind and keeps `input`.
CheckResults run_checks(const std::shared_ptr<const CheckInput>& input,
                        std::span<const TimedCheck<Findings>> checks,
                        const TimedCheck<std::vector<GpuMetricList>>& metric_lists,
                        std::chrono::steady_clock::time_point deadline);

}  // namespace rig
