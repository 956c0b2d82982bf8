#include "web/live_json.h"

#include <fmt/format.h>
#include <prometheus/metric_family.h>

#include <algorithm>
#include <optional>
#include <string_view>

#include "rig/kernel/problem.h"
#include "rig/live/history_json.h"
#include "rig/metrics/build_info.h"
#include "rig/metrics/json_text.h"

namespace rig {
namespace {

constexpr std::string_view kStarted = "process_start_time_seconds";

// Appends ,"NAME": in front of a value; without the comma after an opening brace.
void append_member(std::string& json, std::string_view name) {
  if (!json.ends_with('{')) json += ',';
  json.append("\"").append(name).append("\":");
}

void append_text(std::string& json, std::string_view name, std::string_view text) {
  append_member(json, name);
  append_json_string(json, text);
}

std::optional<double> started(std::span<const prometheus::MetricFamily> families) {
  const auto family = std::ranges::find(families, kStarted, &prometheus::MetricFamily::name);
  if (family == families.end() || family->metric.empty()) return std::nullopt;
  return family->metric.front().gauge.value;
}

void append_exporter(std::string& json, const LiveData& data) {
  append_member(json, "exporter");
  json += '{';
  append_text(json, "version", kVersion);
  append_text(json, "revision", kRevision);
  if (!data.hostname.empty()) append_text(json, "hostname", data.hostname);
  if (const auto time = started(data.families)) {
    append_member(json, "started");
    append_json_number(json, *time);
  }
  append_text(json, "telemetry_path", data.telemetry_path);
  json += '}';
}

void append_problem(std::string& json, std::string_view collector, std::string_view text) {
  if (!json.ends_with('[')) json += ',';
  json += '{';
  append_text(json, "collector", collector);
  append_text(json, "text", text);
  json += '}';
}

void append_problems(std::string& json, const ScrapeResult& scrape) {
  append_member(json, "problems");
  json += '[';
  for (const auto& collector : scrape.collectors) {
    if (!collector.collection) {
      append_problem(json, collector.name,
                     collector.failure
                         ? to_string(*collector.failure)
                         : fmt::format("timed out after {:.1f} s", collector.seconds));
      continue;
    }
    for (const Problem& problem : collector.collection->samples.problems())
      append_problem(json, collector.name, to_string(problem));
  }
  json += ']';
}

void append_findings(std::string& json, const LiveData& data) {
  append_member(json, "findings");
  json += '[';
  if (!data.findings) {
    json += ']';
    return;
  }
  for (const LiveFinding& finding : data.findings->findings) {
    if (!json.ends_with('[')) json += ',';
    json += '{';
    append_text(json, "level", finding.level);
    append_text(json, "subject", finding.subject);
    append_text(json, "what", finding.what);
    append_text(json, "advice", finding.advice);
    json += '}';
  }
  json += ']';
  append_member(json, "findings_time");
  append_json_time(json, data.wall_time.unix_time(data.findings->time));
}

}  // namespace

std::string live_json(const LiveData& data) {
  std::string json = "{";
  append_member(json, "time");
  append_json_time(json, data.wall_time.unix_time(data.time));
  append_exporter(json, data);
  append_member(json, "families");
  json += families_json(data.families);
  append_problems(json, data.scrape);
  append_findings(json, data);
  return json + '}';
}

}  // namespace rig
