// A stand-in for librocm_smi64, whose cards, answers and hangs a test decides.
#pragma once

#include <atomic>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gpu_probe/rocm_smi/gpu_library.h"

namespace rig {

inline auto in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

inline GpuReading reading_of(const std::string& pci_address) {
  GpuReading reading;
  reading.pci_address = pci_address;
  return reading;
}

// What a FakeLibrary does, changed by the test while threads are in it.
struct Script {
  std::mutex mutex;
  std::string start_answer;
  std::vector<std::string> cards{"0000:03:00.0", "0000:06:00.0"};
  std::optional<double> watts = 42;
  std::shared_future<void> gate;  // each call waits for it when it is set
  std::atomic<int> starts = 0;
  std::atomic<int> reads = 0;

  void pass_gate() {
    std::unique_lock lock(mutex);
    const auto wait_for = gate;
    lock.unlock();
    if (wait_for.valid()) wait_for.wait();
  }
  void close_gate(std::shared_future<void> closed) {
    const std::lock_guard lock(mutex);
    gate = std::move(closed);
  }
};

class FakeLibrary : public GpuLibrary {
 public:
  explicit FakeLibrary(std::shared_ptr<Script> script) : script_(std::move(script)) {}
  std::string start() override {
    script_->pass_gate();
    ++script_->starts;
    return script_->start_answer;
  }
  std::string version() const override { return "9.9.9"; }
  std::vector<std::string> pci_addresses() const override { return script_->cards; }
  GpuReading read(const std::string& pci_address, const GpuQuery&) override {
    script_->pass_gate();
    ++script_->reads;
    auto reading = reading_of(pci_address);
    reading.power_watts = script_->watts;
    return reading;
  }

 private:
  std::shared_ptr<Script> script_;
};

inline std::shared_ptr<Script> script() { return std::make_shared<Script>(); }

}  // namespace rig
