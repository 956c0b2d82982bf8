#include "rig/metric_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "rig/process_metrics.h"
#include "rig/scrape.h"

namespace rig {
namespace {

struct Row {
  const MetricInfo* metric;
  std::string_view collector;
};

std::string to_line(const Row& row) {
  const auto& metric = *row.metric;
  const std::span labels(metric.labels.data(), metric.label_count);
  return fmt::format("| {} | {} | {} | {} | {} |\n", metric.name,
                     metric.kind == Kind::counter ? "counter" : "gauge", fmt::join(labels, ", "),
                     row.collector, metric.help);
}

}  // namespace

std::string metric_table(std::span<const CollectorInfo> collectors) {
  std::vector<Row> rows;
  const auto add = [&](std::span<const MetricInfo* const> metrics, std::string_view collector) {
    for (const auto* metric : metrics) rows.push_back({metric, collector});
  };
  for (const auto& info : collectors) add(info.metrics, info.name);
  add(scrape_metrics(), "(always)");
  add(process_metrics(), "(always)");
  std::ranges::sort(rows, {}, [](const Row& row) { return row.metric->name; });

  std::string table = "| name | type | labels | collector | meaning |\n|---|---|---|---|---|\n";
  for (const auto& row : rows) table += to_line(row);
  return table;
}

}  // namespace rig
