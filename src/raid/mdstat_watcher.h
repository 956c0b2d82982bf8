// Counts the changes of arrays between scrapes. poll(2) on a descriptor of /proc/mdstat reports all
// events of md except a RAID 0 that fails and disks that vanish without I/O (drivers/md/md.c,
// mdstat_poll).
//
// Only the kernel's own mdstat reports events. Reading it acknowledges them, so the watcher does
// not share its descriptor.
#pragma once

#include <poll.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

#include "raid/mdstat_change_counter.h"
#include "rig/threads/stoppable_thread.h"

namespace rig {

struct MdstatWatcherOptions {
  short events = POLLPRI;                  // poll(2)'s events for a change
  std::chrono::milliseconds pause{50};     // after each reading: md's events come in bursts
  std::chrono::milliseconds retry{10000};  // while there is no mdstat, or no array in it
  std::chrono::milliseconds timeout{250};  // counts() is absent while a reading takes longer
};

class MdstatWatcher {
 public:
  explicit MdstatWatcher(std::filesystem::path mdstat, MdstatWatcherOptions options = {});

  // Since construction. Absent while mdstat is absent, cannot be read, or hangs. May be called from
  // any thread.
  std::optional<ChangeCounts> counts() const;

  // False if the thread has ended because of an error. May be called from any thread.
  bool is_active() const { return !thread_.finished(); }

 private:
  struct Shared;
  const std::chrono::milliseconds timeout_;
  std::shared_ptr<Shared> shared_;
  StoppableThread thread_;
};

}  // namespace rig
