#include "gpu_probe/replay.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <variant>

#include "rig/gpu_protocol/probe_line.h"
#include "rig/kernel/text.h"

namespace rig {

Replay::Replay(const std::filesystem::path& file) {
  std::ifstream recording(file);
  if (!recording) throw std::runtime_error(file.string() + ": cannot be read");
  std::size_t number = 0;
  for (std::string line; std::getline(recording, line);) {
    ++number;
    if (trim(line).empty()) continue;
    const auto parsed = parse_probe_line(line);
    if (!parsed) {
      throw std::runtime_error(file.string() + ":" + std::to_string(number) + ": malformed line");
    }
    lines_.push_back({std::string(trim(line)), std::holds_alternative<GpuList>(*parsed)});
  }
  if (std::ranges::none_of(lines_, &Line::starts_sample)) {
    throw std::runtime_error(file.string() + ": no line of type \"gpus\"");
  }
}

void Replay::play_once(LineOutput& output) const {
  bool sampled = false;
  for (const auto& line : lines_) {
    if (line.starts_sample && sampled) return;
    sampled = sampled || line.starts_sample;
    output.write_text(line.text);
  }
}

void Replay::play(LineOutput& output, std::chrono::milliseconds interval) const {
  using Clock = std::chrono::steady_clock;
  auto next = Clock::now() + interval;
  play(output, [&] {
    std::this_thread::sleep_until(next);
    next = std::max(next, Clock::now() - interval) + interval;
  });
}

void Replay::play(LineOutput& output, const std::function<void()>& wait) const {
  bool sampled = false;
  while (true) {
    for (const auto& line : lines_) {
      if (line.starts_sample && sampled) wait();
      sampled = sampled || line.starts_sample;
      output.write_text(line.text);
    }
  }
}

}  // namespace rig
