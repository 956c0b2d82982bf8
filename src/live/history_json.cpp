#include "rig/live/history_json.h"

#include <fmt/format.h>

#include <string_view>

#include "rig/metrics/json_text.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

// Clients and this machine may round differently.
constexpr std::chrono::seconds kFuture{1};

void append_series(std::string& json, const HistorySeries& series,
                   const WallTime::Difference& wall_time) {
  json += R"({"metric":)";
  append_json_string(json, series.metric->name);
  json += ",\"labels\":{";
  for (std::size_t i = 0; i < series.label_values.size(); ++i) {
    if (i > 0) json += ',';
    append_json_string(json, series.metric->labels[series.metric->labels_by_name[i]]);
    json += ':';
    append_json_string(json, series.label_values[i]);
  }
  json += "},\"times\":[";
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    if (i > 0) json += ',';
    append_json_time(json, wall_time.unix_time(series.points[i].time));
  }
  json += "],\"values\":[";
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    if (i > 0) json += ',';
    append_json_number(json, series.points[i].value);
  }
  json += "]}";
}

}  // namespace

void append_json_time(std::string& json, milliseconds unix_time) {
  constexpr std::size_t kDecimals = 3;
  if (unix_time < std::chrono::seconds(1)) {  // a machine without a battery for its clock
    json += fmt::format("{:.3f}", std::chrono::duration<double>(unix_time).count());
    return;
  }
  const fmt::format_int digits(unix_time.count());
  const std::string_view text(digits.data(), digits.size());
  json.append(text.substr(0, text.size() - kDecimals)).append(".");
  json.append(text.substr(text.size() - kDecimals));
}

std::string history_json(const History& history, std::optional<milliseconds> since,
                         BootClock::time_point now, const WallTime::Difference& wall_time) {
  const auto unix_now = wall_time.unix_time(now);
  if (since && *since > unix_now + kFuture) since.reset();
  const auto after = since ? wall_time.boot_time(*since) : now - History::kWindow - milliseconds(1);
  std::string json = R"({"time":)";
  append_json_time(json, unix_now);
  json += fmt::format(R"(,"clock":{},"series":[)", wall_time.changes);
  bool first = true;
  history.visit(after, now, [&](const HistorySeries& series) {
    if (!first) json += ',';
    first = false;
    append_series(json, series, wall_time);
  });
  return json + "]}";
}

}  // namespace rig
