#include "disk/diskstats.h"

#include <array>
#include <cstddef>
#include <optional>

#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::size_t kValues = 11;  // of every kernel version

//  8       0 sda 920476 23011 201439784 368190 327691 27307 159265144 491536 0 416055 863367 …
std::optional<DiskIo> parse_device(std::string_view line) {
  const auto fields = words(line);
  constexpr std::size_t kFirstValue = 3;
  if (fields.size() < kFirstValue + kValues) return std::nullopt;
  std::array<std::uint64_t, kValues> values{};
  for (std::size_t i = 0; i < kValues; ++i) {
    const auto value = parse_number<std::uint64_t>(fields[kFirstValue + i]);
    if (!value) return std::nullopt;
    values[i] = *value;
  }
  return DiskIo{.name = std::string(fields[2]),
                .reads = values[0],
                .read_sectors = values[2],
                .read_milliseconds = values[3],
                .writes = values[4],
                .written_sectors = values[6],
                .write_milliseconds = values[7],
                .in_progress = values[8],
                .busy_milliseconds = values[9]};
}

}  // namespace

bool DiskIo::is_timed() const {
  const bool has_worked = reads != 0 || writes != 0;
  return !has_worked || read_milliseconds != 0 || write_milliseconds != 0 || busy_milliseconds != 0;
}

Diskstats parse_diskstats(std::string_view text) {
  Diskstats diskstats;
  for (const std::string_view line : complete_lines(text)) {
    if (auto device = parse_device(line)) {
      diskstats.devices.push_back(std::move(*device));
    } else {
      diskstats.malformed.emplace_back(line);
    }
  }
  if (is_truncated(text)) diskstats.malformed.emplace_back(lines(text).back());
  return diskstats;
}

}  // namespace rig
