#include "rig/scrape/scrape.h"

#include <prometheus/metric_family.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>
#include <iterator>
#include <thread>
#include <utility>

#include "rig/log/log.h"
#include "rig/log/problem_log.h"
#include "rig/metrics/process_metrics.h"
#include "rig/metrics/sample_recorder.h"
#include "rig/threads/hand_over_threads.h"
#include "scrape/collector_runner.h"

namespace rig {
namespace {

using namespace std::chrono_literals;

constexpr auto kSuccess =
    gauge("rig_collector_success", Unit::none,
          "1 if the collector finished in time and without a problem, 0 otherwise.", "collector");
constexpr auto kDuration =
    gauge("rig_collector_duration_seconds", Unit::seconds,
          "How long the collector took, or how long the scrape waited for it if it timed out.",
          "collector");
constexpr auto kLogLinesDropped =
    counter("rig_exporter_log_lines_dropped_total", Unit::none,
            "Lines of the exporter's log that were dropped since its start: standard error was "
            "blocked or could not be written, or there were too many of them.");
constexpr std::array<const MetricInfo*, 3> kMetrics{&kSuccess, &kDuration, &kLogLinesDropped};

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

bool is_selected(std::string_view name, std::span<const std::string> only) {
  return only.empty() || std::find(only.begin(), only.end(), name) != only.end();
}

void append(std::vector<prometheus::MetricFamily>& all,
            std::vector<prometheus::MetricFamily> more) {
  std::move(more.begin(), more.end(), std::back_inserter(all));
}

}  // namespace

Deadline source_deadline(Deadline deadline) {
  const auto now = Clock::now();
  return now + (deadline - now) * 3 / 4;
}

std::span<const MetricInfo* const> scrape_metrics() { return kMetrics; }

bool CollectorResult::success() const {
  return collection && collection->samples.problems().empty();
}

std::vector<SampleView> ScrapeResult::find(const MetricInfo& metric) const {
  for (const auto& collector : collectors) {
    if (!collector.collection) continue;
    if (auto found = collector.collection->samples.find(metric); !found.empty()) return found;
  }
  return {};
}

std::optional<double> ScrapeResult::value(const MetricInfo& metric, LabelFilter labels) const {
  for (const auto& sample : find(metric)) {
    const bool matches = std::ranges::all_of(
        labels, [&](const auto& label) { return sample.label(label.first) == label.second; });
    if (matches) return sample.value;
  }
  return std::nullopt;
}

class Scrape::Run {
  friend class Scrape;

  struct Started {
    std::shared_ptr<CollectorRunner> runner;
    CollectorRunner::Ticket ticket;
  };

  // A collection that is absent took until now.
  void add_to(ScrapeResult& result, const Started& from,
              ReadResult<std::shared_ptr<const Collection>> collected) const {
    CollectorResult& collector = result.collectors.emplace_back();
    collector.name = from.runner->name();
    if (collected) {
      collector.collection = *std::move(collected);
      collector.seconds = collector.collection->seconds;
    } else {
      collector.seconds = seconds_since(start);
      if (!collected.timed_out()) collector.failure = *collected.problem();
    }
  }

  Clock::time_point start = Clock::now();
  std::vector<Started> started;
};

Scrape::Scrape(std::span<const CollectorInfo> collectors, const Config& config,
               std::shared_ptr<Instrumentation> instrumentation,
               std::shared_ptr<SampleRecorder> recorder, std::function<void()> on_finished)
    : instrumentation_(std::move(instrumentation)),
      recorder_(std::move(recorder)),
      on_finished_(std::move(on_finished)),
      threads_(std::make_shared<HandOverThreads>("collect", collectors.size())),
      process_problems_(std::make_unique<ProblemLog>("process")) {
  auto runners = std::make_shared<Runners>();
  for (const auto& info : collectors) {
    if (config.collector_enabled(info.name)) runners->push_back(make_runner(info, config));
  }
  runners_ = std::move(runners);
}

Scrape::~Scrape() = default;

std::shared_ptr<CollectorRunner> Scrape::make_runner(const CollectorInfo& info,
                                                     const Config& config) const {
  return {new CollectorRunner(info, config, *instrumentation_, threads_, recorder_, on_finished_),
          &CollectorRunner::destroy};
}

std::shared_ptr<const Scrape::Runners> Scrape::runners() const {
  const std::lock_guard lock(mutex_);
  return runners_;
}

std::function<void()> Scrape::prepare_reload(std::span<const CollectorInfo> collectors,
                                             const Config& config,
                                             const std::set<std::string, std::less<>>& changed) {
  const auto current = runners();
  auto next = std::make_shared<Runners>();
  for (const auto& info : collectors) {
    if (!config.collector_enabled(info.name)) continue;
    const auto running =
        std::ranges::find(*current, info.name, [](const auto& runner) { return runner->name(); });
    const bool keep = running != current->end() && !changed.contains(info.name);
    next->push_back(keep ? *running : make_runner(info, config));
  }
  return [this, next = std::shared_ptr<const Runners>(next), limit = config.scrape_timeout] {
    replace_runners(next, limit);
  };
}

void Scrape::replace_runners(std::shared_ptr<const Runners> next, std::chrono::milliseconds limit) {
  for (const auto& runner : *next) runner->set_limit(limit);
  const auto current = runners();
  for (const auto& runner : *current) {
    if (std::ranges::find(*next, runner) == next->end()) runner->retire();
  }
  std::unique_lock lock(mutex_);
  runners_.swap(next);
  lock.unlock();  // `next` is now the previous ones
}

std::vector<std::string> Scrape::names() const {
  std::vector<std::string> names;
  const auto current = runners();
  for (const auto& runner : *current) names.emplace_back(runner->name());
  return names;
}

bool Scrape::ready() const {
  const auto current = runners();
  return std::ranges::all_of(*current, [](const auto& runner) { return runner->ready(); });
}

void Scrape::wait_until_ready(Deadline deadline) const {
  while (!ready() && std::chrono::steady_clock::now() < deadline) std::this_thread::sleep_for(10ms);
}

std::shared_ptr<const Scrape::Run> Scrape::start(std::span<const std::string> only,
                                                 Deadline source_deadline) {
  auto run = std::make_shared<Run>();
  const auto current = runners();
  for (const auto& runner : *current) {
    if (is_selected(runner->name(), only))
      run->started.push_back({runner, runner->start(source_deadline)});
  }
  return run;
}

bool Scrape::settled(const Run& run) {
  return std::ranges::all_of(run.started, [](const Run::Started& started) {
    return started.runner->settled(started.ticket);
  });
}

bool Scrape::hand_over(const Run& run) {
  bool again = false;
  for (const auto& started : run.started)
    again |= started.runner->start_again_if_hung(started.ticket);
  return threads_->hand_over() || again;
}

ScrapeResult Scrape::so_far(const Run& run) {
  ScrapeResult result;
  for (const auto& started : run.started)
    run.add_to(result, started, started.runner->result_now(started.ticket));
  return result;
}

ScrapeResult Scrape::finish(const Run& run, Deadline deadline) {
  ScrapeResult result;
  for (const auto& started : run.started) {
    run.add_to(result, started, started.runner->result(started.ticket, deadline));
    const auto& collection = result.collectors.back().collection;
    if (collection && recorder_)
      recorder_->record_collection(collection->samples, collection->ended);
  }
  instrumentation_->observe_scrape(seconds_since(run.start));
  return result;
}

ScrapeResult Scrape::collect(std::span<const std::string> only, Deadline deadline) {
  const auto run = start(only, source_deadline(deadline));
  for (const auto& [runner, ticket] : run->started) {
    while (!runner->wait_for(ticket, kHandOverInterval) && Clock::now() < deadline) hand_over(*run);
  }
  return finish(*run, deadline);
}

Samples Scrape::own_samples(const ScrapeResult& result) {
  Samples samples;
  for (const auto& collector : result.collectors) {
    samples.add(kSuccess, collector.success() ? 1 : 0, collector.name);
    samples.add(kDuration, collector.seconds, collector.name);
  }
  samples.add(kLogLinesDropped, static_cast<double>(dropped_log_lines()));
  add_process_metrics(samples);
  process_problems_->update(samples.problems());
  return samples;
}

std::string Scrape::exposition_text(const ScrapeResult& result, ExpositionFormat format) {
  constexpr std::size_t kMargin = 512;  // for numbers that have become longer
  ExpositionText text(format, text_size_ + kMargin);
  for (const auto& collector : result.collectors) {
    if (collector.collection) text.add(collector.collection->samples);
  }
  text.add(own_samples(result));
  text.add(instrumentation_->families());
  std::string whole = std::move(text).take();
  text_size_ = whole.size();
  return whole;
}

std::vector<prometheus::MetricFamily> Scrape::families(const ScrapeResult& result) {
  std::vector<prometheus::MetricFamily> families;
  for (const auto& collector : result.collectors) {
    if (collector.collection) append(families, collector.collection->samples.families());
  }
  append(families, own_samples(result).families());
  append(families, instrumentation_->families());
  return families;
}

}  // namespace rig
