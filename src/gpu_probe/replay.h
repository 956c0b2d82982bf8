// Replays a recorded output of rig_gpu_probe instead of reading GPUs.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "gpu_probe/line_output.h"

namespace rig {

class Replay {
 public:
  // Throws std::runtime_error, with file and line number, if a line is malformed or there is no
  // "gpus" line.
  explicit Replay(const std::filesystem::path& file);

  // Writes the lines up to the second "gpus" line.
  void play_once(LineOutput& output) const;

  // Writes all lines repeatedly, with an interval between one "gpus" line and the next.
  [[noreturn]] void play(LineOutput& output, std::chrono::milliseconds interval) const;

  // Writes all lines repeatedly, as answers to requests: calls `wait` before each "gpus" line but
  // the first.
  [[noreturn]] void play_answers(LineOutput& output, const std::function<void()>& wait) const;

 private:
  struct Line {
    std::string text;
    std::string answer;  // without how long a reading took when it was recorded
    bool starts_sample = false;
  };

  [[noreturn]] void play(LineOutput& output, std::string Line::*text,
                         const std::function<void()>& wait) const;

  std::vector<Line> lines_;
};

}  // namespace rig
