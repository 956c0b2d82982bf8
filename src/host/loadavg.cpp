#include "host/loadavg.h"

#include "rig/kernel/text.h"

namespace rig {

std::optional<LoadAverage> parse_loadavg(std::string_view text) {
  const auto columns = words(trim(text));
  if (is_truncated(text) || columns.size() < 3) return std::nullopt;
  const auto over_1m = parse_number<double>(columns[0]);
  const auto over_5m = parse_number<double>(columns[1]);
  const auto over_15m = parse_number<double>(columns[2]);
  if (!over_1m || !over_5m || !over_15m) return std::nullopt;
  return LoadAverage{*over_1m, *over_5m, *over_15m};
}

}  // namespace rig
