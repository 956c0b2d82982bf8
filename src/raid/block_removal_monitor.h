// Counts the block devices that the kernel says have gone, between scrapes too.
//
// From the kernel's own uevents (lib/kobject_uevent.c), which also reach a process in another
// network namespace, where those of udevd do not.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "raid/member_removals.h"
#include "rig/threads/stoppable_thread.h"

namespace rig {

// Counts a uevent when it says that a device has gone. A "!" in the kernel's name for it stands for
// the "/" that md writes.
void count_removal(RemovalCounts& counts, std::string_view action, std::string device);

// The kernel sends uevents of block devices only where the network namespace is owned by the first
// user namespace, and libudev believes them only there. False also when that cannot be told. `proc`
// is procfs.
bool uevents_arrive(const std::filesystem::path& proc);

class BlockEvents {
 public:
  explicit BlockEvents(const std::filesystem::path& proc);

  // Since the start; a device that has not gone is not there. Absent where uevents do not arrive
  // and when the socket fails. Any thread.
  std::optional<RemovalCounts> removals() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
  StoppableThread thread_;
};

}  // namespace rig
