// A thread of its own for one card: a driver that does not answer stops nobody else.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

class CardSampler {
 public:
  using Clock = std::chrono::steady_clock;
  using Sample = std::function<std::optional<GpuReading>()>;  // may block
  using Emit = std::function<void(const GpuReading&)>;

  // A reading that took longer than this began too long ago to be called one, and is dropped. The
  // next has it among its read errors, as a timeout.
  static constexpr std::chrono::seconds kOldestReading{5};

  // Both functions run in the thread.
  CardSampler(const std::string& name, Sample sample, Emit emit,
              Clock::duration oldest_reading = kOldestReading);
  CardSampler(const CardSampler&) = delete;
  CardSampler& operator=(const CardSampler&) = delete;
  // Never waits for the card: a thread that is out is left to end when its read returns.
  ~CardSampler();

  // Asks for one sample; nothing when one is still out.
  void tick();

  // How long the sample that was asked for has been out; absent when none is.
  std::optional<Clock::duration> out_for() const;

  // False when the deadline came before the sample that was asked for.
  bool wait(Clock::time_point deadline) const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;  // outlives us while the thread is out
  std::thread thread_;
};

}  // namespace rig
