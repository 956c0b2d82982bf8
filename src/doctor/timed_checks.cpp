#include "doctor/looks.h"

#include <string>

#include "rig/threads/timed_task.h"

namespace rig {
namespace {

template <typename Result>
class LookUnderWay {
 public:
  using Outcome = typename TimedTask<Result>::Outcome;

  LookUnderWay(const Look<Result>& look, const std::shared_ptr<const Seen>& seen)
      : lane_("doctor"), ticket_(lane_.start([seen, run = look.look] { return run(*seen); })) {}

  Outcome finish(std::chrono::steady_clock::time_point deadline) {
    return lane_.finish(ticket_, deadline);
  }

 private:
  TimedTask<Result> lane_;
  typename TimedTask<Result>::Ticket ticket_;
};

// What there is to say of a look that brought nothing.
template <typename Result>
Finding trouble(const Look<Result>& look, const typename TimedTask<Result>::Outcome& outcome) {
  const std::string looking = std::string("looking at ") + look.at;
  if (outcome.late) return {Level::wrong, "Host", looking + " does not come back", look.if_late};
  return {Level::wrong, "Host", looking + ": " + outcome.error, ""};
}

}  // namespace

Looked look_at(const std::shared_ptr<const Seen>& seen, std::span<const Look<Findings>> checks,
               const Look<std::vector<CardMetrics>>& metrics,
               std::chrono::steady_clock::time_point deadline) {
  std::vector<std::unique_ptr<LookUnderWay<Findings>>> under_way;
  for (const auto& check : checks)
    under_way.push_back(std::make_unique<LookUnderWay<Findings>>(check, seen));
  LookUnderWay<std::vector<CardMetrics>> listing(metrics, seen);

  Looked looked;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const auto outcome = under_way[i]->finish(deadline);
    if (outcome.value)
      looked.findings.insert(looked.findings.end(), outcome.value->begin(), outcome.value->end());
    else
      looked.findings.push_back(trouble(checks[i], outcome));
  }
  const auto listed = listing.finish(deadline);
  if (listed.value)
    looked.cards = *listed.value;
  else
    looked.findings.push_back(trouble(metrics, listed));
  return looked;
}

}  // namespace rig
