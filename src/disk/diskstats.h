// /proc/diskstats: what every block device has read and written since it is there
// (Documentation/admin-guide/iostats.rst).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

// One device, whole or partition. A sector is 512 bytes here, whatever the device's own are.
struct DiskIo {
  std::string name;         // "sda", "cciss/c0d0"
  std::uint64_t reads = 0;  // completed
  std::uint64_t read_sectors = 0;
  std::uint64_t read_milliseconds = 0;  // the sum over all reads
  std::uint64_t writes = 0;
  std::uint64_t written_sectors = 0;
  std::uint64_t write_milliseconds = 0;
  std::uint64_t in_progress = 0;
  std::uint64_t busy_milliseconds = 0;  // while something was in progress

  // False for the arrays of kernels before 5.14, which do not measure the time of what they hand
  // on to other devices and write 0. Nothing in progress is one of these zeros.
  bool is_timed() const;
};

struct Diskstats {
  std::vector<DiskIo> devices;
  std::vector<std::string> senseless;  // lines that tell of no device
};

// Of 11 numbers (kernels before 4.18), of 15 (with discards), of 17 (5.5, with flushes) and of
// more.
Diskstats parse_diskstats(std::string_view text);

}  // namespace rig
