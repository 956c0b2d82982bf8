// Writes whole lines to the probe's standard output. Thread-safe.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "rig/gpu_protocol/probe_line.h"

namespace rig {

class LineOutput {
 public:
  // `on_error` is called with the errno of a failed write. EPIPE: the reader has closed the pipe.
  LineOutput(int fd, std::function<void(int)> on_error);

  // Calls write(2) once per line unless it is interrupted. `line` is one of the alternatives of
  // ProbeLine: converting it to that type would copy it.
  template <typename Line>
  void write(const Line& line) {
    const std::lock_guard lock(mutex_);
    write_json_line(text_, line);
    write_line();
  }
  void write_text(std::string_view line);

 private:
  void write_line();

  std::mutex mutex_;
  std::string text_;  // of the latest line: its memory is used for the next one
  int fd_;
  std::function<void(int)> on_error_;
};

}  // namespace rig
