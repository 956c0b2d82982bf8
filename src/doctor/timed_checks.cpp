#include "doctor/timed_checks.h"

#include <map>
#include <string>
#include <utility>

#include "rig/kernel/cached_structure.h"
#include "rig/threads/timed_task.h"

namespace rig {
namespace {

template <typename Result>
std::string path_of(const TimedCheck<Result>& check) {
  return std::string("checking ") + check.subject;
}

template <typename Result>
class RunningCheck {
 public:
  RunningCheck(const TimedCheck<Result>& check, const std::shared_ptr<const CheckInput>& input)
      : task_("doctor", path_of(check)),
        ticket_(task_.start([input, run = check.check] { return run(*input); })) {}

  ReadResult<Result> result(std::chrono::steady_clock::time_point deadline) {
    return task_.result(ticket_, deadline);
  }

 private:
  TimedTask<Result> task_;
  typename TimedTask<Result>::Ticket ticket_;
};

// For a check that did not finish.
template <typename Result>
Finding failure(const TimedCheck<Result>& check, const Problem& problem) {
  const std::string checking = path_of(check);
  if (problem.reason == Reason::timed_out)
    return {Level::problem, kHostSubject, checking + ": timed out", check.advice_on_timeout};
  return {Level::problem, kHostSubject,
          problem.path == checking ? to_string(problem) : checking + ": " + to_string(problem), ""};
}

}  // namespace

Findings run_checks(TaskPool& pool, const std::shared_ptr<const CheckInput>& input,
                    std::span<const TimedCheck<Findings>> checks,
                    std::chrono::steady_clock::time_point deadline) {
  std::map<std::string, PoolTask<Findings>> tasks;
  for (const auto& check : checks)
    tasks[check.subject] = {path_of(check), [input, run = check.check] {
                              const DirectReads not_of_a_scrape;
                              return run(*input);
                            }};
  const auto results = pool.run_all(std::move(tasks), deadline);

  Findings all;
  for (const auto& check : checks) {
    const auto& findings = results.at(check.subject);
    if (findings)
      all.insert(all.end(), findings->begin(), findings->end());
    else if (findings.problem() != nullptr)
      all.push_back(failure(check, *findings.problem()));
  }
  return all;
}

CheckResults run_checks(const std::shared_ptr<const CheckInput>& input,
                        std::span<const TimedCheck<Findings>> checks,
                        const TimedCheck<std::vector<GpuMetricList>>& metric_lists,
                        std::chrono::steady_clock::time_point deadline) {
  std::vector<std::unique_ptr<RunningCheck<Findings>>> running;
  for (const auto& check : checks)
    running.push_back(std::make_unique<RunningCheck<Findings>>(check, input));
  RunningCheck<std::vector<GpuMetricList>> listing(metric_lists, input);

  CheckResults results;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const auto findings = running[i]->result(deadline);
    if (findings)
      results.findings.insert(results.findings.end(), findings->begin(), findings->end());
    else
      results.findings.push_back(failure(checks[i], *findings.problem()));
  }
  const auto listed = listing.result(deadline);
  if (listed)
    results.gpus = *listed;
  else
    results.findings.push_back(failure(metric_lists, *listed.problem()));
  return results;
}

}  // namespace rig
