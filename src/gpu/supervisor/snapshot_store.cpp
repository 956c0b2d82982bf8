#include "gpu/supervisor/snapshot_store.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "gpu/gpu_limits.h"

namespace rig {
namespace {

constexpr double kMaxTookSeconds = 60;

// The GPUs of `list`, keeping the data of those that were already listed.
ProbeGpus updated_gpus(GpuList&& list, ProbeGpus previous, SnapshotStore::Time now) {
  ProbeGpus gpus;
  for (auto& presence : list.gpus) {
    if (gpus.size() >= kMaxGpus) break;
    ProbeGpu gpu{{}, now, nullptr, {}, nullptr};
    if (const auto known = previous.find(presence.pci_address); known != previous.end()) {
      gpu = std::move(known->second);
    }
    gpu.presence = presence;
    gpus.insert_or_assign(presence.pci_address, std::move(gpu));
  }
  return gpus;
}

SnapshotStore::Time::duration time_taken(const GpuReading& reading) {
  const double seconds = std::clamp(reading.took_seconds.value_or(0), 0.0, kMaxTookSeconds);
  return std::chrono::duration_cast<SnapshotStore::Time::duration>(
      std::chrono::duration<double>(seconds));
}

}  // namespace

template <typename Change>
void SnapshotStore::modify(Change&& change) {
  const std::lock_guard lock(mutex_);
  change();
  changed_.notify_all();
}

ProbeSnapshot SnapshotStore::snapshot() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

bool SnapshotStore::wait(Time deadline,
                         const std::function<bool(const ProbeSnapshot&)>& condition) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [&] { return condition(snapshot_); });
}

void SnapshotStore::record_start() {
  modify([&] {
    snapshot_.startable = true;
    if (started_before_) ++snapshot_.restarts;
    started_before_ = true;
  });
}

void SnapshotStore::record_start_failure(std::string reason) {
  modify([&] {
    snapshot_.startable = false;
    snapshot_.down = std::move(reason);
  });
}

void SnapshotStore::update(ProbeReport&& report) {
  modify([&] {
    snapshot_.down.clear();
    snapshot_.report = std::move(report);
  });
}

void SnapshotStore::update(GpuList&& list, Time now) {
  modify([&] {
    snapshot_.down.clear();
    snapshot_.processes_waiting = list.processes_waiting_seconds > 0;
    auto previous = snapshot_.gpus ? std::move(*snapshot_.gpus) : ProbeGpus();
    const std::size_t listed = list.gpus.size();
    snapshot_.gpus_left_out = listed > kMaxGpus ? listed - kMaxGpus : 0;
    snapshot_.gpus = updated_gpus(std::move(list), std::move(previous), now);
    snapshot_.listed_at = now;
  });
}

void SnapshotStore::update(GpuProcesses&& processes, Time now) {
  modify([&] {
    snapshot_.processes = std::move(processes);
    snapshot_.processes_at = now;
  });
}

void SnapshotStore::update(GpuReading&& reading, Time now) {
  // The age of a reading counts from when it was started.
  const auto took = time_taken(reading);
  auto shared = std::make_shared<const GpuReading>(std::move(reading));
  // Only this thread changes the list. A GPU that is not listed is not remembered.
  const std::string pci_address = shared->pci_address;
  if (!snapshot_.gpus || !snapshot_.gpus->contains(pci_address)) return;
  auto& history = history_of(pci_address, now);
  history.add(*shared, now);
  auto totals = std::make_shared<const GpuTotals>(history.totals());
  modify([&] {
    snapshot_.down.clear();
    auto& gpu = snapshot_.gpus->at(pci_address);
    gpu.reading = std::move(shared);
    gpu.totals = std::move(totals);
    gpu.read_at = now - took;
  });
  if (on_reading_) on_reading_(*snapshot_.gpus, snapshot_.gpus->at(pci_address));
}

GpuHistory& SnapshotStore::history_of(const std::string& pci_address, Time now) {
  if (histories_.size() >= kMaxRememberedGpus && !histories_.contains(pci_address)) {
    histories_.erase(std::ranges::min_element(histories_, {},
                                              [](const auto& entry) { return entry.second.last; }));
  }
  auto& history =
      histories_.try_emplace(pci_address, History{GpuHistory(sample_interval_, peak_window_), now})
          .first->second;
  history.last = now;
  return history.values;
}

void SnapshotStore::clear_gpus(std::string reason) {
  modify([&] {
    snapshot_.gpus.reset();
    snapshot_.processes.reset();
    snapshot_.down = std::move(reason);
  });
}

void SnapshotStore::clear(std::string reason) {
  modify([&] {
    snapshot_.report.reset();
    snapshot_.gpus.reset();
    snapshot_.processes.reset();
    snapshot_.down = std::move(reason);
  });
}

}  // namespace rig
