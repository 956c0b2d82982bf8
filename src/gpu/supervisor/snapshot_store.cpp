#include "gpu/supervisor/snapshot_store.h"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace rig {
namespace {

using Gpus = std::map<std::string, ProbeGpu>;

// The GPUs of a new list, with what was known of them.
Gpus carried_over(GpuList&& list, Gpus before, SnapshotStore::Time now) {
  Gpus gpus;
  for (auto& presence : list.gpus) {
    ProbeGpu gpu{{}, now, nullptr, {}, nullptr};
    if (const auto known = before.find(presence.pci_address); known != before.end()) {
      gpu = std::move(known->second);
    }
    gpu.presence = presence;
    gpus.insert_or_assign(presence.pci_address, std::move(gpu));
  }
  return gpus;
}

}  // namespace

template <typename Change>
void SnapshotStore::write(Change&& change) {
  const std::lock_guard lock(mutex_);
  change();
  changed_.notify_all();
}

ProbeSnapshot SnapshotStore::snapshot() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

bool SnapshotStore::wait(Time deadline,
                         const std::function<bool(const ProbeSnapshot&)>& enough) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, deadline, [&] { return enough(now_); });
}

void SnapshotStore::started() {
  write([&] {
    now_.startable = true;
    if (started_before_) ++now_.restarts;
    started_before_ = true;
  });
}

void SnapshotStore::not_startable(std::string why) {
  write([&] {
    now_.startable = false;
    now_.down = std::move(why);
  });
}

void SnapshotStore::heard(ProbeReport&& report) {
  write([&] {
    now_.down.clear();
    now_.report = std::move(report);
  });
}

void SnapshotStore::heard(GpuList&& list, Time now) {
  write([&] {
    now_.down.clear();
    now_.processes_waiting = list.processes_waiting_seconds > 0;
    auto before = now_.gpus ? std::move(*now_.gpus) : Gpus();
    now_.gpus = carried_over(std::move(list), std::move(before), now);
    now_.listed_at = now;
  });
}

void SnapshotStore::heard(GpuProcesses&& processes, Time now) {
  write([&] {
    now_.processes = std::move(processes);
    now_.processes_at = now;
  });
}

void SnapshotStore::heard(GpuReading&& reading, Time now) {
  // Values are as old as the moment at which their reading began.
  const auto took = std::chrono::duration_cast<Time::duration>(
      std::chrono::duration<double>(std::clamp(reading.took_seconds.value_or(0), 0.0, 60.0)));
  auto kept = std::make_shared<const GpuReading>(std::move(reading));
  auto& history =
      histories_.try_emplace(kept->pci_address, sample_interval_, peak_window_).first->second;
  history.add(*kept, now);
  auto totals = std::make_shared<const GpuTotals>(history.totals());
  write([&] {
    now_.down.clear();
    if (!now_.gpus) return;
    const auto gpu = now_.gpus->find(kept->pci_address);
    if (gpu == now_.gpus->end()) return;
    gpu->second.reading = std::move(kept);
    gpu->second.totals = std::move(totals);
    gpu->second.read_at = now - took;
  });
}

void SnapshotStore::forget_gpus(std::string why) {
  write([&] {
    now_.gpus.reset();
    now_.processes.reset();
    now_.down = std::move(why);
  });
}

void SnapshotStore::forget(std::string why) {
  write([&] {
    now_.report.reset();
    now_.gpus.reset();
    now_.processes.reset();
    now_.down = std::move(why);
  });
}

}  // namespace rig
