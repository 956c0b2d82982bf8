// What a History contains, as text.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "rig/live/history.h"

// A time of the boot clock.
inline rig::BootClock::time_point boot_at(double seconds) {
  return rig::BootClock::time_point(
      std::chrono::milliseconds(static_cast<long>(seconds * 1000 + 0.5)));
}

using RecordedPoints = std::vector<std::pair<double, double>>;  // seconds, value

// By "name value value".
inline std::map<std::string, RecordedPoints> points_of(const rig::History& history, double now,
                                                       double after = -1000) {
  std::map<std::string, RecordedPoints> all;
  history.visit(boot_at(after), boot_at(now), [&](const rig::HistorySeries& series) {
    std::string name(series.metric->name);
    for (const auto& value : series.label_values) name += " " + value;
    for (const auto& point : series.points)
      all[name].emplace_back(static_cast<double>(point.time.time_since_epoch().count()) / 1000,
                             point.value);
  });
  return all;
}
