// A recorded output of rig_gpu_probe, played back in place of real cards.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "gpu_probe/line_output.h"

namespace rig {

class Replay {
 public:
  // Throws std::runtime_error, with file and line, when a line is none of the probe's or none of
  // them is a "gpus" line.
  explicit Replay(const std::filesystem::path& file);

  // Up to the second "gpus" line.
  void play_once(LineOutput& output) const;

  // Over and over, for ever; each "gpus" line waits until an interval after the one before.
  [[noreturn]] void play(LineOutput& output, std::chrono::duration<double> interval) const;

 private:
  struct Line {
    std::string text;
    bool starts_sample = false;
  };
  std::vector<Line> lines_;
};

}  // namespace rig
