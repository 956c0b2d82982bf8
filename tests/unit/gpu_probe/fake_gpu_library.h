// A fake librocm_smi64 that is controlled by the test.
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

// The behaviour of a FakeLibrary. The test may change it while threads call the library.
struct FakeBehaviour {
  std::mutex mutex;
  std::string start_error;
  std::vector<std::string> gpus{"0000:03:00.0", "0000:06:00.0"};
  std::optional<double> watts = 42;
  std::shared_future<void> gate;  // each call waits for it if it is set
  std::atomic<int> starts = 0;
  std::atomic<int> reads = 0;

  void wait_for_gate() {
    std::unique_lock lock(mutex);
    const auto current = gate;
    lock.unlock();
    if (current.valid()) current.wait();
  }
  void set_gate(std::shared_future<void> new_gate) {
    const std::lock_guard lock(mutex);
    gate = std::move(new_gate);
  }
};

class FakeLibrary : public GpuLibrary {
 public:
  explicit FakeLibrary(std::shared_ptr<FakeBehaviour> behaviour)
      : behaviour_(std::move(behaviour)) {}
  std::string start() override {
    behaviour_->wait_for_gate();
    ++behaviour_->starts;
    return behaviour_->start_error;
  }
  std::string version() const override { return "9.9.9"; }
  std::vector<std::string> pci_addresses() const override { return behaviour_->gpus; }
  GpuReading read(const std::string& pci_address, const GpuQuery&) override {
    behaviour_->wait_for_gate();
    ++behaviour_->reads;
    auto reading = reading_of(pci_address);
    reading.power_watts = behaviour_->watts;
    return reading;
  }

 private:
  std::shared_ptr<FakeBehaviour> behaviour_;
};

inline std::shared_ptr<FakeBehaviour> fake_behaviour() { return std::make_shared<FakeBehaviour>(); }

}  // namespace rig
