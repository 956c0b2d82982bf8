// Counts the removals of block devices that the kernel reports, including those between scrapes.
//
// From the kernel's own uevents (lib/kobject_uevent.c). Unlike udevd's they also reach processes in
// other network namespaces.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "raid/member_removals.h"
#include "rig/threads/stoppable_thread.h"

namespace rig {

// Counts a uevent if it reports a removal. A "!" in the name of a device is converted to the "/"
// that md uses.
void count_removal(RemovalCounts& counts, std::string_view action, std::string device);

// The kernel sends uevents of block devices only to network namespaces that the initial user
// namespace owns, and libudev accepts them only where user 0 is root. False if this cannot be
// determined. `proc` is procfs.
bool receives_uevents(const std::filesystem::path& proc);

class BlockRemovalMonitor {
 public:
  explicit BlockRemovalMonitor(const std::filesystem::path& proc);

  // Since construction, without devices that were never removed. Absent if uevents are not received
  // here, or the socket has failed. May be called from any thread.
  std::optional<RemovalCounts> removals() const;

  // False if removals are not counted, and will not be. May be called from any thread.
  bool is_active() const;

 private:
  struct Shared;
  const bool receives_;
  std::shared_ptr<Shared> shared_;
  StoppableThread thread_;
};

}  // namespace rig
