// Wakes a thread that waits in poll(2) (eventfd(2)).
#pragma once

#include "rig/kernel/unique_fd.h"

namespace rig {

// All functions may be called from any thread.
class WakeupEvent {
 public:
  // Throws std::system_error if there are too many descriptors.
  WakeupEvent();

  // Readable (POLLIN) from signal() until clear().
  int fd() const { return fd_.get(); }
  void signal() const;
  void clear() const;

 private:
  const UniqueFd fd_;
};

}  // namespace rig
