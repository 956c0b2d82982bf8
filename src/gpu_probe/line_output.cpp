#include "gpu_probe/line_output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <utility>

namespace rig {

LineOutput::LineOutput(int descriptor, std::function<void(int)> failed)
    : descriptor_(descriptor), failed_(std::move(failed)) {}

void LineOutput::write_text(std::string line) {
  line += '\n';
  const std::lock_guard lock(mutex_);
  std::string_view rest = line;
  while (!rest.empty()) {  // more than once only when a signal or a full pipe cut it short
    const ssize_t written = ::write(descriptor_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd writable{descriptor_, POLLOUT, 0};
      poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      failed_(errno);
      return;
    }
  }
}

}  // namespace rig
