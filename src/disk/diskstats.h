// /proc/diskstats: I/O statistics of block devices (Documentation/admin-guide/iostats.rst).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

// A whole disk or a partition. Counters start when the device is added. A sector is always 512
// bytes.
struct DiskIo {
  std::string name;         // "sda", "cciss/c0d0"
  std::uint64_t reads = 0;  // completed
  std::uint64_t read_sectors = 0;
  std::uint64_t read_milliseconds = 0;  // summed over all reads
  std::uint64_t writes = 0;
  std::uint64_t written_sectors = 0;
  std::uint64_t write_milliseconds = 0;
  std::uint64_t in_progress = 0;
  std::uint64_t busy_milliseconds = 0;  // with at least one request in progress

  // False for md arrays before Linux 5.14: the kernel does not measure the times and in_progress of
  // requests that are passed on to other devices, and reports 0.
  bool is_timed() const;
};

struct Diskstats {
  std::vector<DiskIo> devices;
  // Lines that could not be parsed, and a last line without a newline, which was truncated.
  std::vector<std::string> malformed;
};

// Lines have 11 values before Linux 4.18, 15 with discards, 17 with flushes (5.5); further values
// are ignored.
Diskstats parse_diskstats(std::string_view text);

}  // namespace rig
