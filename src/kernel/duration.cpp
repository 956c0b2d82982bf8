#include "rig/kernel/duration.h"

#include <optional>
#include <string_view>

#include "rig/kernel/text.h"

namespace rig {
namespace {

std::optional<double> parse_milliseconds(std::string_view text) {
  const auto unit_at = text.find_first_not_of("0123456789.");
  if (unit_at == text.npos) return std::nullopt;
  const auto number = parse_number<double>(text.substr(0, unit_at));
  const auto unit = text.substr(unit_at);
  if (number && unit == "ms") return *number;
  if (number && unit == "s") return *number * 1000;
  if (number && unit == "m") return *number * 60'000;
  return std::nullopt;
}

}  // namespace

std::chrono::milliseconds parse_duration(const std::string& text, std::chrono::milliseconds min,
                                         std::chrono::milliseconds max) {
  const auto value = parse_milliseconds(text);
  if (!value) throw DurationError('"' + text + "\" is not a duration: write 500ms, 1s or 2m");
  if (*value < static_cast<double>(min.count()) || *value > static_cast<double>(max.count())) {
    throw DurationError('"' + text + "\" is out of range: write a duration from " +
                        std::to_string(min.count()) + "ms to " +
                        std::to_string(max.count() / 1000) + "s");
  }
  return std::chrono::milliseconds(static_cast<std::chrono::milliseconds::rep>(*value));
}

std::string format_duration(std::chrono::milliseconds duration) {
  const auto count = duration.count();
  if (count % 60'000 == 0) return std::to_string(count / 60'000) + 'm';
  if (count % 1000 == 0) return std::to_string(count / 1000) + 's';
  return std::to_string(count) + "ms";
}

}  // namespace rig
