#include "gpu_probe/gpu_samplers.h"

#include <cstddef>
#include <future>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "gpu_probe/fake_gpu_library.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

constexpr GpuSamplers::Limits kSoon{.hand_over_after = 1ms};

std::vector<AmdgpuCard> cards(int count) {
  std::vector<AmdgpuCard> cards(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i)
    cards[static_cast<std::size_t>(i)].pci_address = "0000:" + std::to_string(10 + i) + ":00.0";
  return cards;
}

// What happens to the samples of all GPUs. Outlives the test, as samples may.
class Gpus {
 public:
  // GPUs that wait for the gate.
  void hang(const std::string& address, std::shared_future<void> gate) {
    const std::lock_guard lock(mutex_);
    gates_[address] = std::move(gate);
  }

  std::optional<GpuReading> sample(const std::string& address) {
    std::shared_future<void> gate;
    {
      const std::lock_guard lock(mutex_);
      threads_.insert(std::this_thread::get_id());
      ++begun_[address];
      if (const auto found = gates_.find(address); found != gates_.end()) gate = found->second;
    }
    if (gate.valid()) gate.wait();
    return reading_of(address);
  }
  void emit(const GpuReading& reading) {
    const std::lock_guard lock(mutex_);
    ++emitted_[reading.pci_address];
  }

  int begun(const std::string& address) const { return in(begun_, address); }
  int emitted(const std::string& address) const { return in(emitted_, address); }
  std::size_t threads() const {
    const std::lock_guard lock(mutex_);
    return threads_.size();
  }

 private:
  int in(const std::map<std::string, int>& counts, const std::string& address) const {
    const std::lock_guard lock(mutex_);
    const auto found = counts.find(address);
    return found == counts.end() ? 0 : found->second;
  }

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_future<void>> gates_;
  std::map<std::string, int> begun_;
  std::map<std::string, int> emitted_;
  std::set<std::thread::id> threads_;
};

GpuSamplers samplers_of(const std::shared_ptr<Gpus>& gpus, GpuSamplers::Limits limits) {
  return {[gpus](const AmdgpuCard& card) {
            return [gpus, address = card.pci_address] { return gpus->sample(address); };
          },
          [gpus](const GpuReading& reading) { gpus->emit(reading); }, limits};
}

}  // namespace

TEST_CASE("Many GPUs that respond are sampled in turn by one thread") {
  const auto gpus = std::make_shared<Gpus>();
  GpuSamplers samplers = samplers_of(gpus, {.hand_over_after = 10s});
  samplers.update(cards(64));
  for (int round = 1; round <= 3; ++round) {
    samplers.start();
    REQUIRE(samplers.wait(in(10s)).empty());
    for (const auto& card : cards(64)) CHECK(gpus->emitted(card.pci_address) == round);
  }
  CHECK(gpus->threads() <= 3);  // one for each round at most
}

TEST_CASE("While one GPU of many hangs, the others are sampled each time") {
  const auto gpus = std::make_shared<Gpus>();
  std::promise<void> gate;
  const auto all = cards(16);
  const std::string hung = all[3].pci_address;
  gpus->hang(hung, gate.get_future().share());
  GpuSamplers samplers = samplers_of(gpus, kSoon);
  samplers.update(all);
  for (int round = 1; round <= 5; ++round) {
    samplers.start();
    while (samplers.wait(in(20ms)) != std::vector{hung}) continue;
    for (const auto& card : all) {
      if (card.pci_address != hung) CHECK(gpus->emitted(card.pci_address) == round);
    }
    CHECK(samplers.running_for(hung));
  }
  CHECK(gpus->begun(hung) == 1);
  CHECK(gpus->emitted(hung) == 0);
  gate.set_value();
  REQUIRE(samplers.wait(in(10s)).empty());
  samplers.start();
  REQUIRE(samplers.wait(in(10s)).empty());
  CHECK(gpus->begun(hung) == 2);
}

TEST_CASE("GPUs that all hang take one thread each, however often they are sampled or replugged") {
  const auto gpus = std::make_shared<Gpus>();
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  const auto all = cards(16);
  for (const auto& card : all) gpus->hang(card.pci_address, opened);
  GpuSamplers samplers = samplers_of(gpus, kSoon);
  for (int round = 1; round <= 3; ++round) {
    samplers.update(all);
    samplers.start();
    CHECK(samplers.wait(in(1ms)).size() == all.size());
    samplers.update({});
    CHECK(samplers.wait(in(1ms)).empty());
  }
  for (const auto& card : all) CHECK(gpus->begun(card.pci_address) == 1);
  CHECK(gpus->threads() == all.size());
  gate.set_value();
  samplers.update(all);
  REQUIRE(samplers.wait(in(10s)).empty());
}

TEST_CASE("A GPU that takes long does not hold up those after it") {
  const auto gpus = std::make_shared<Gpus>();
  const auto all = cards(3);
  GpuSamplers samplers = samplers_of(gpus, kSoon);
  samplers.update(all);
  for (int round = 1; round <= 3; ++round) {
    std::promise<void> gate;
    gpus->hang(all[0].pci_address, gate.get_future().share());
    samplers.start();
    while (gpus->emitted(all[2].pci_address) < round) std::this_thread::sleep_for(1ms);
    CHECK(gpus->emitted(all[0].pci_address) == round - 1);
    gate.set_value();
    REQUIRE(samplers.wait(in(10s)).empty());
    CHECK(gpus->emitted(all[0].pci_address) == round);
  }
}

TEST_CASE("A GPU that is removed is not sampled, and a renumbered one anew") {
  const auto gpus = std::make_shared<Gpus>();
  auto all = cards(2);
  const std::string first = all[0].pci_address;
  const std::string second = all[1].pci_address;
  GpuSamplers samplers = samplers_of(gpus, kSoon);
  const auto round = [&] {
    samplers.update(all);
    samplers.start();
    REQUIRE(samplers.wait(in(10s)).empty());
  };
  round();
  all[0].hwmon = "hwmon7";
  round();
  all.pop_back();
  round();
  CHECK(gpus->emitted(first) == 3);
  CHECK(gpus->emitted(second) == 2);
}
