#include "rig/threads/wakeup_event.h"

#include <sys/eventfd.h>

#include <cerrno>
#include <system_error>

namespace rig {

WakeupEvent::WakeupEvent() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!fd_.is_open()) throw std::system_error(errno, std::generic_category(), "eventfd");
}

// It fails only if the counter is full: then the descriptor is readable already.
void WakeupEvent::signal() const { eventfd_write(fd_.get(), 1); }

void WakeupEvent::clear() const {
  eventfd_t count = 0;
  eventfd_read(fd_.get(), &count);
}

}  // namespace rig
