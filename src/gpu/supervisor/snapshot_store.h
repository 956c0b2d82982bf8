// Holds the current ProbeSnapshot: written by the supervisor's thread, read by any thread.
//
// No function blocks for longer than it takes to copy a snapshot.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "gpu/derived/gpu_history.h"
#include "gpu/supervisor/probe_snapshot.h"
#include "rig/gpu_protocol/probe_line.h"

namespace rig {

class SnapshotStore {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `on_reading` may be empty.
  SnapshotStore(std::chrono::milliseconds sample_interval, std::chrono::milliseconds peak_window,
                ReadingObserver on_reading = {})
      : sample_interval_(sample_interval),
        peak_window_(peak_window),
        on_reading_(std::move(on_reading)) {}

  ProbeSnapshot snapshot() const;
  // Waits until `condition` holds; returns false on timeout.
  bool wait(Time deadline, const std::function<bool(const ProbeSnapshot&)>& condition) const;

  void record_start();
  void record_start_failure(std::string reason);

  // What the probe reported. A reading of a GPU that it does not list is dropped.
  void update(ProbeReport&& report);
  void update(GpuList&& list, Time now);
  void update(GpuProcesses&& processes, Time now);
  void update(GpuReading&& reading, Time now);

  // Discards the data about the GPUs, because it is outdated. The probe is still running.
  void clear_gpus(std::string reason);
  // Discards all data, because the probe is no longer running.
  void clear(std::string reason);

 private:
  template <typename Change>
  void modify(Change&& change);

  const std::chrono::milliseconds sample_interval_;
  const std::chrono::milliseconds peak_window_;
  const ReadingObserver on_reading_;
  struct History {
    GpuHistory values;
    Time last;  // reading
  };

  GpuHistory& history_of(const std::string& pci_address, Time now);

  // By PCI address, for every GPU ever read, except those that have been absent for the longest
  // time if there are very many: restarts of the probe do not reset it. Used only by the
  // supervisor's thread.
  std::map<std::string, History> histories_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  ProbeSnapshot snapshot_;
  bool started_before_ = false;
};

}  // namespace rig
