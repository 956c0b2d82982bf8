// Durations as written in flags and the configuration file: "500ms", "1s", "1.5s", "2m".
#pragma once

#include <chrono>
#include <stdexcept>
#include <string>

namespace rig {

// An invalid duration. what() quotes it and describes what is valid.
class DurationError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Throws DurationError unless `text` is a duration from `min` to `max`. A number without a unit is
// rejected as ambiguous.
std::chrono::milliseconds parse_duration(const std::string& text, std::chrono::milliseconds min,
                                         std::chrono::milliseconds max);

// The shortest such text: "90s", "2m".
std::string format_duration(std::chrono::milliseconds duration);

}  // namespace rig
