#include "rig/scrape/scrape.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <exception>

#include "rig/metrics/process_metrics.h"

namespace rig {
namespace {

constexpr auto kSuccess =
    gauge("rig_collector_success", Unit::none,
          "1 when the collector answered in time and nothing of it is missing.", "collector");
constexpr auto kDuration =
    gauge("rig_collector_duration_seconds", Unit::seconds,
          "How long the collector took; for one that did not answer in time, how long was waited.",
          "collector");
constexpr std::array<const MetricInfo*, 2> kMetrics{&kSuccess, &kDuration};

// Sources inside a collector are given up a little before the collector is, so that it can still
// say what it has.
Deadline source_deadline(Deadline deadline) {
  const auto now = std::chrono::steady_clock::now();
  return now + (deadline - now) * 3 / 4;
}

bool is_wanted(std::string_view name, std::span<const std::string> only) {
  return only.empty() || std::find(only.begin(), only.end(), name) != only.end();
}

}  // namespace

std::span<const MetricInfo* const> scrape_metrics() { return kMetrics; }

Scrape::Scrape(std::span<const CollectorInfo> collectors, const Config& config) {
  for (const auto& info : collectors) {
    if (!config.collector_enabled(info.name)) continue;
    workers_.push_back(
        std::make_unique<CollectorRunner>(std::string(info.name), info.make(config.host, config)));
  }
}

Scrape::~Scrape() = default;

std::vector<std::string_view> Scrape::names() const {
  std::vector<std::string_view> names;
  for (const auto& worker : workers_) names.push_back(worker->name());
  return names;
}

bool Scrape::ready() const {
  return std::all_of(workers_.begin(), workers_.end(),
                     [](const auto& worker) { return worker->ready(); });
}

std::string Scrape::collect(std::span<const std::string> only, Deadline deadline) {
  struct Asked {
    CollectorRunner* worker;
    CollectorRunner::Ticket ticket;
  };
  const auto start = std::chrono::steady_clock::now();
  const auto sources_until = source_deadline(deadline);
  std::vector<Asked> asked;
  for (const auto& worker : workers_) {
    if (is_wanted(worker->name(), only))
      asked.push_back({worker.get(), worker->start(sources_until)});
  }

  std::string text;
  Samples own;
  for (const auto& [worker, ticket] : asked) {
    const auto collected = worker->finish(ticket, deadline);
    own.add(kSuccess, collected && collected->problems.empty() ? 1 : 0, worker->name());
    const std::chrono::duration<double> waited = std::chrono::steady_clock::now() - start;
    own.add(kDuration, collected ? collected->seconds : waited.count(), worker->name());
    if (collected) text += collected->text;
  }
  try {
    add_process_metrics(own);
    process_problems_.update({});
  } catch (const std::exception& error) {  // out of descriptors, say: the rest of the answer stands
    process_problems_.update(std::array{std::string(error.what())});
  }
  return text + own.text();
}

}  // namespace rig
