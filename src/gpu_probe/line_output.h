// The probe's standard output: whole lines, in the order they were given, from any thread.
#pragma once

#include <functional>
#include <mutex>
#include <string>

#include "rig/gpu_protocol/probe_line.h"

namespace rig {

class LineOutput {
 public:
  // `failed` gets the errno when nothing more can be written; EPIPE: the reader has gone.
  LineOutput(int descriptor, std::function<void(int)> failed);

  // One write() a line.
  void write(const ProbeLine& line) { write_text(to_json_line(line)); }
  void write_text(std::string line);

 private:
  std::mutex mutex_;
  int descriptor_;
  std::function<void(int)> failed_;
};

}  // namespace rig
