#include "gpu_probe/replay.h"

#include <algorithm>
#include <fstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <variant>

#include "rig/gpu_protocol/probe_line.h"
#include "rig/kernel/text.h"

namespace rig {

namespace {

// A reading without its duration: as the answer to a request it began after the request.
std::string answer(ProbeLine parsed, std::string_view line) {
  auto* const reading = std::get_if<GpuReading>(&parsed);
  if (reading == nullptr || !reading->took_seconds) return std::string(line);
  reading->took_seconds.reset();
  return to_json_line(parsed);
}

}  // namespace

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
    const bool starts_sample = std::holds_alternative<GpuList>(*parsed);
    std::string as_answer = answer(*parsed, trim(line));
    lines_.push_back({std::string(trim(line)), std::move(as_answer), starts_sample});
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
  play(output, &Line::text, [&] {
    std::this_thread::sleep_until(next);
    next = std::max(next, Clock::now() - interval) + interval;
  });
}

void Replay::play_answers(LineOutput& output, const std::function<void()>& wait) const {
  play(output, &Line::answer, wait);
}

void Replay::play(LineOutput& output, std::string Line::*text,
                  const std::function<void()>& wait) const {
  bool sampled = false;
  while (true) {
    for (const auto& line : lines_) {
      if (line.starts_sample && sampled) wait();
      sampled = sampled || line.starts_sample;
      output.write_text(line.*text);
    }
  }
}

}  // namespace rig
