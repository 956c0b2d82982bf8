#include "host/pressure.h"

#include <cstdint>

#include "rig/kernel/text.h"

namespace rig {

// some avg10=0.00 avg60=0.00 avg300=0.00 total=2894527
Pressure parse_pressure(std::string_view text) {
  constexpr std::string_view kTotal = "total=";
  Pressure pressure;
  for (const std::string_view line : complete_lines(text)) {
    const auto columns = words(line);
    if (columns.empty()) continue;
    std::optional<std::uint64_t> microseconds;
    for (const std::string_view column : columns) {
      if (column.starts_with(kTotal))
        microseconds = parse_number<std::uint64_t>(column.substr(kTotal.size()));
    }
    const bool some = columns[0] == "some";
    if (!microseconds || (!some && columns[0] != "full")) {
      pressure.malformed.emplace_back(line);
      continue;
    }
    (some ? pressure.some_seconds : pressure.full_seconds) =
        static_cast<double>(*microseconds) / 1e6;
  }
  return pressure;
}

}  // namespace rig
