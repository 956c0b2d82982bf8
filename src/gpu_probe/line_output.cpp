#include "gpu_probe/line_output.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

namespace rig {

LineOutput::LineOutput(int fd, std::function<void(int)> on_error)
    : fd_(fd), on_error_(std::move(on_error)) {}

void LineOutput::write_text(std::string_view line) {
  const std::lock_guard lock(mutex_);
  text_ = line;
  write_line();
}

void LineOutput::write_line() {
  text_ += '\n';
  std::string_view rest = text_;
  while (!rest.empty()) {  // repeats only after a signal or if the pipe is full
    const ssize_t written = ::write(fd_, rest.data(), rest.size());
    if (written >= 0) {
      rest.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {
      pollfd writable{fd_, POLLOUT, 0};
      poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      on_error_(errno);
      return;
    }
  }
}

}  // namespace rig
