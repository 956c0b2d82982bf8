#include "scrape/collector_runner.h"

#include <array>
#include <exception>
#include <utility>

#include "rig/config/config.h"
#include "rig/metrics/instrumentation.h"

namespace rig {
namespace {

std::shared_ptr<const Collection> collect_now(Collector& collector, Deadline source_deadline) {
  const auto start = std::chrono::steady_clock::now();
  const auto collection = std::make_shared<Collection>();
  try {
    collector.collect(collection->samples, source_deadline);
  } catch (const ReadError& error) {
    collection->samples.add_problem(error.problem());
  } catch (const std::exception& error) {
    collection->samples.add_problem({Reason::failed, "", error.what()});
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  collection->seconds = took.count();
  return collection;
}

}  // namespace

CollectorRunner::CollectorRunner(const CollectorInfo& info, const Config& config,
                                 Instrumentation& instrumentation)
    : CollectorRunner(std::string(info.name), info.make(config.paths, config)) {
  collector_->instrument(instrumentation);
}

CollectorRunner::CollectorRunner(std::string name, std::unique_ptr<Collector> collector)
    : name_(std::move(name)), collector_(std::move(collector)), task_(name_), problem_log_(name_) {}

CollectorRunner::Ticket CollectorRunner::start(Deadline source_deadline) {
  return task_.start([collector = collector_, source_deadline] {
    return collect_now(*collector, source_deadline);
  });
}

std::shared_ptr<const Collection> CollectorRunner::result(const Ticket& ticket, Deadline deadline) {
  const auto result = task_.result(ticket, deadline);
  if (result) {
    problem_log_.update((*result)->samples.problems());
    return *result;
  }
  const std::array problems{
      result.timed_out()
          ? Problem{Reason::timed_out, "", "timed out; the scrape continues without it"}
          : *result.problem()};
  problem_log_.update(problems);
  return nullptr;
}

}  // namespace rig
