#include "rig/scrape/collector_runner.h"

#include <array>
#include <exception>
#include <utility>

namespace rig {
namespace {

Collection collect_now(Collector& collector, Deadline source_deadline) {
  const auto start = std::chrono::steady_clock::now();
  Samples samples;
  try {
    collector.collect(samples, source_deadline);
  } catch (const std::exception& error) {
    samples.problem(error.what());
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  return {samples.text(), samples.problems(), took.count()};
}

}  // namespace

CollectorRunner::CollectorRunner(std::string name, std::unique_ptr<Collector> collector)
    : name_(std::move(name)), collector_(std::move(collector)), lane_(name_), problem_log_(name_) {}

CollectorRunner::Ticket CollectorRunner::start(Deadline source_deadline) {
  return lane_.start([collector = collector_, source_deadline] {
    return collect_now(*collector, source_deadline);
  });
}

std::shared_ptr<const Collection> CollectorRunner::finish(const Ticket& ticket, Deadline deadline) {
  auto outcome = lane_.finish(ticket, deadline);
  if (outcome.value) {
    problem_log_.update(outcome.value->problems);
  } else {
    const std::array problem{
        outcome.late ? std::string("did not answer in time, the scrape goes on without it")
                     : outcome.error};
    problem_log_.update(problem);
  }
  return outcome.value;
}

}  // namespace rig
