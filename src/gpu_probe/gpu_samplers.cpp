#include "gpu_probe/gpu_samplers.h"

#include <thread>
#include <utility>

namespace rig {
namespace {

// Two tasks may hang when no other thread can be created.
constexpr std::size_t kThreads = 3;
// Until all samples have begun. Few need longer than to wait for it once.
constexpr auto kBeginPollInterval = GpuSamplers::kHandOverAfter / 2;

}  // namespace

GpuSamplers::GpuSamplers(MakeSample make_sample, GpuSampler::Emit emit, Limits limits)
    : make_sample_(std::move(make_sample)),
      emit_(std::move(emit)),
      limits_(limits),
      threads_(std::make_shared<HandOverThreads>("gpu samples", kThreads, limits.hand_over_after)) {
}

TimedTask<bool>::Executor GpuSamplers::executor() const {
  return [threads = threads_](auto work, auto refuse) {
    threads->post(std::move(work), std::move(refuse));
  };
}

std::unique_ptr<GpuSampler> GpuSamplers::make_sampler(const AmdgpuCard& card) {
  return std::make_unique<GpuSampler>("gpu " + card.pci_address, make_sample_(card), emit_,
                                      limits_.max_duration, executor());
}

// A hung sampler is kept until its sample returns, so that a GPU that is removed and added again
// while its driver is hung does not take another thread each time.
void GpuSamplers::update(const std::vector<AmdgpuCard>& cards) {
  for (auto& [address, gpu] : gpus_) gpu.present = false;
  for (const auto& card : cards) {
    SampledGpu& gpu = gpus_[card.pci_address];
    gpu.present = true;
    if (gpu.sampler && (gpu.card == card || gpu.sampler->running_for())) continue;
    gpu.card = card;
    gpu.sampler = make_sampler(card);
  }
  std::erase_if(gpus_, [](const auto& entry) {
    return !entry.second.present && !entry.second.sampler->running_for();
  });
}

void GpuSamplers::start() {
  for (const auto& [address, gpu] : gpus_) {
    if (gpu.present) gpu.sampler->start();
  }
  while (threads_->hand_over()) std::this_thread::sleep_for(kBeginPollInterval);
}

std::optional<GpuSamplers::Clock::duration> GpuSamplers::running_for(
    const std::string& pci_address) const {
  return gpus_.at(pci_address).sampler->running_for();
}

std::vector<std::string> GpuSamplers::wait(Clock::time_point deadline) const {
  std::vector<std::string> timed_out;
  for (const auto& [address, gpu] : gpus_) {
    if (gpu.present && !gpu.sampler->wait(deadline)) timed_out.push_back(address);
  }
  return timed_out;
}

void GpuSamplers::wait_for_recent(Clock::duration patience) const {
  for (const auto& [address, gpu] : gpus_) {
    const auto running_for = gpu.sampler->running_for();
    if (running_for && *running_for < patience)
      gpu.sampler->wait(Clock::now() + patience - *running_for);
  }
}

}  // namespace rig
