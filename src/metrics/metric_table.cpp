#include "rig/metrics/metric_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

namespace rig {
namespace {

struct Row {
  const MetricInfo* metric;
  std::string_view collector;
};

std::string to_line(const Row& row) {
  const auto& metric = *row.metric;
  const std::span labels(metric.labels.data(), metric.label_count);
  return fmt::format("| {} | {} | {} | {} | {} |\n", metric.name, kind_word(metric.kind),
                     fmt::join(labels, ", "), row.collector, metric.help);
}

}  // namespace

std::string metric_table(std::span<const MetricGroup> groups) {
  std::vector<Row> rows;
  for (const auto& group : groups) {
    for (const auto* metric : group.metrics) rows.push_back({metric, group.collector});
  }
  std::ranges::sort(rows, {}, [](const Row& row) { return row.metric->name; });

  std::string table = "| name | type | labels | collector | meaning |\n|---|---|---|---|---|\n";
  for (const auto& row : rows) table += to_line(row);
  return table;
}

}  // namespace rig
