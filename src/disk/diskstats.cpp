#include "disk/diskstats.h"

#include <array>
#include <cstddef>
#include <optional>

#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::size_t kNumbers = 11;  // that every kernel has

//  8       0 sda 920476 23011 201439784 368190 327691 27307 159265144 491536 0 416055 863367 …
std::optional<DiskIo> parse_device(std::string_view line) {
  const auto fields = words(line);
  constexpr std::size_t kFirst = 3;
  if (fields.size() < kFirst + kNumbers) return std::nullopt;
  std::array<std::uint64_t, kNumbers> numbers{};
  for (std::size_t i = 0; i < kNumbers; ++i) {
    const auto number = parse_number<std::uint64_t>(fields[kFirst + i]);
    if (!number) return std::nullopt;
    numbers[i] = *number;
  }
  return DiskIo{.name = std::string(fields[2]),
                .reads = numbers[0],
                .read_sectors = numbers[2],
                .read_milliseconds = numbers[3],
                .writes = numbers[4],
                .written_sectors = numbers[6],
                .write_milliseconds = numbers[7],
                .in_progress = numbers[8],
                .busy_milliseconds = numbers[9]};
}

}  // namespace

bool DiskIo::is_timed() const {
  const bool has_worked = reads != 0 || writes != 0;
  return !has_worked || read_milliseconds != 0 || write_milliseconds != 0 || busy_milliseconds != 0;
}

Diskstats parse_diskstats(std::string_view text) {
  Diskstats diskstats;
  for (const std::string_view line : lines(text)) {
    if (auto device = parse_device(line)) {
      diskstats.devices.push_back(std::move(*device));
    } else {
      diskstats.senseless.emplace_back(line);
    }
  }
  return diskstats;
}

}  // namespace rig
