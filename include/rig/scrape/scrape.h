// A scrape runs all collectors and waits for them until a deadline. One that takes long does not
// delay the others. Nothing is kept afterwards.
//
// Several scrapes may run at the same time: those that overlap share the collections in progress.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/config/config.h"
#include "rig/metrics/exposition_text.h"
#include "rig/metrics/instrumentation.h"
#include "rig/scrape/collection.h"
#include "rig/scrape/collector.h"

namespace rig {

class HandOverThreads;
class CollectorRunner;
class ProblemLog;
class SampleRecorder;

struct CollectorResult {
  std::string name;
  std::shared_ptr<const Collection> collection;  // null: it timed out or could not be started
  double seconds = 0;                   // how long it took or, after a timeout, the waiting time
  std::optional<Problem> failure = {};  // why there is no collection; absent if it timed out

  // True if it finished in time and without a problem.
  bool success() const;
};

// The samples of one scrape, as data.
struct ScrapeResult {
  std::vector<CollectorResult> collectors;

  // The samples of a metric from all collectors.
  std::vector<SampleView> find(const MetricInfo& metric) const;
  // The value of the sample with these labels; absent if there is none.
  std::optional<double> value(const MetricInfo& metric, LabelFilter labels = {}) const;
};

// A collector stops waiting for its sources shortly before a scrape stops waiting for the
// collector, so that it can still return the samples that it has.
Deadline source_deadline(Deadline deadline);

class Scrape {
 public:
  // Collections that have been started, for start() and finish().
  class Run;

  // Creates the collectors that `config` enables, and a runner for each. `recorder`, if there is
  // one, gets what they collect, and the readings of their sources between collections.
  // `on_finished` is called after each collection, from its thread.
  Scrape(std::span<const CollectorInfo> collectors, const Config& config,
         std::shared_ptr<Instrumentation> instrumentation,
         std::shared_ptr<SampleRecorder> recorder = nullptr,
         std::function<void()> on_finished = {});
  ~Scrape();

  // The names of the enabled collectors.
  std::vector<std::string> names() const;

  // Creates the collectors that `config` enables and that are not running, or are in `changed`.
  // Those that keep running keep their state. Until the returned function is called, nothing
  // changes; if it is dropped, the new collectors are. Runs in progress still use the previous
  // ones, which are destroyed in threads of their own. One caller at a time.
  std::function<void()> prepare_reload(std::span<const CollectorInfo> collectors,
                                       const Config& config,
                                       const std::set<std::string, std::less<>>& changed);

  // True if every collector is ready (Collector::ready()).
  bool ready() const;
  // Waits until ready() is true, at most until the deadline.
  void wait_until_ready(Deadline deadline) const;

  // Runs the collectors named in `only` (all, if it is empty) and waits for them until the
  // deadline.
  ScrapeResult collect(std::span<const std::string> only, Deadline deadline);

  // The steps of collect(), for a caller that does not want to wait: start() it, call hand_over()
  // every kHandOverInterval until it returns false, call finish() once it is settled() or its
  // deadline has come, and so_far() for a part of the result before that. Collections that begin
  // with it leave out sources that were not read by `source_deadline`.
  std::shared_ptr<const Run> start(std::span<const std::string> only, Deadline source_deadline);
  // Gives other threads what is delayed by a collection or an operation that takes long.
  bool hand_over(const Run& run);
  static constexpr std::chrono::milliseconds kHandOverInterval{5};
  static bool settled(const Run& run);
  static ScrapeResult so_far(const Run& run);
  ScrapeResult finish(const Run& run, Deadline deadline);

  // A result as text: the collectors' samples, one collector after the other, their
  // rig_collector_success and rig_collector_duration_seconds, and the exporter's own metrics.
  std::string exposition_text(const ScrapeResult& result, ExpositionFormat format);
  // The same as data of prometheus-cpp.
  std::vector<prometheus::MetricFamily> families(const ScrapeResult& result);

 private:
  Samples own_samples(const ScrapeResult& result);

  using Runners = std::vector<std::shared_ptr<CollectorRunner>>;

  std::shared_ptr<const Runners> runners() const;
  std::shared_ptr<CollectorRunner> make_runner(const CollectorInfo& info,
                                               const Config& config) const;
  void replace_runners(std::shared_ptr<const Runners> next, std::chrono::milliseconds limit);

  mutable std::mutex mutex_;
  std::shared_ptr<const Runners> runners_;  // guarded by the mutex
  std::shared_ptr<Instrumentation> instrumentation_;
  std::shared_ptr<SampleRecorder> recorder_;  // may be null
  std::function<void()> on_finished_;
  std::shared_ptr<HandOverThreads> threads_;
  std::atomic<std::size_t> text_size_ = 0;        // of the latest text
  std::unique_ptr<ProblemLog> process_problems_;  // of process_metrics.h
};

// The metrics that Scrape itself adds.
std::span<const MetricInfo* const> scrape_metrics();

}  // namespace rig
