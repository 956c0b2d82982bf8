// Counts what md changes between scrapes: poll(2) on one descriptor of /proc/mdstat reports every
// event of md but a RAID 0 that breaks and disks that vanish without I/O
// (drivers/md/md.c, mdstat_poll).
//
// Only the kernel's own mdstat reports. Reading it acknowledges what was reported, so the
// descriptor is nobody else's.
#pragma once

#include <poll.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

#include "raid/mdstat_change_counter.h"
#include "rig/threads/stoppable_thread.h"

namespace rig {

struct MdstatWatchOptions {
  short events = POLLPRI;                   // what poll(2) says when there is something new
  std::chrono::milliseconds pause{50};      // after each reading: md reports in bursts
  std::chrono::milliseconds retry{10'000};  // while there is no mdstat, or no array in it
  std::chrono::milliseconds patience{250};  // a reading that takes longer hides the counts
};

class MdstatWatch {
 public:
  explicit MdstatWatch(std::filesystem::path mdstat, MdstatWatchOptions options = {});

  // Since the start. Absent while there is no mdstat, or it cannot be read, or hangs. Any thread.
  std::optional<ChangeCounts> counts() const;

 private:
  struct Shared;
  const std::chrono::milliseconds patience_;
  std::shared_ptr<Shared> shared_;
  StoppableThread thread_;
};

}  // namespace rig
