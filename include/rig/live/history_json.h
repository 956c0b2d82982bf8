// The history of recent values as JSON: the response to /api/v1/history (docs/api.md).
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "rig/live/history.h"
#include "rig/live/wall_time.h"

namespace rig {

// 1764460000.123
void append_json_time(std::string& json, std::chrono::milliseconds unix_time);

// The points after `since` (all, if it is absent). Also all if `since` is in the future: a client
// has it from before the system clock was set back.
std::string history_json(const History& history, std::optional<std::chrono::milliseconds> since,
                         BootClock::time_point now, const WallTime::Difference& wall_time);

}  // namespace rig
