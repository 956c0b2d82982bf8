// Writes whole lines to the probe's standard output. Thread-safe.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "rig/gpu_protocol/probe_line.h"

namespace rig {

class LineOutput {
 public:
  // `on_error` is called with the errno of a failed write. EPIPE: the reader has closed the pipe.
  LineOutput(int fd, std::function<void(int)> on_error);

  // Calls write(2) once per line unless it is interrupted.
  void write(const ProbeLine& line) { write_text(to_json_line(line)); }
  void write_text(std::string line);

 private:
  std::mutex mutex_;
  int fd_;
  std::function<void(int)> on_error_;
};

}  // namespace rig
