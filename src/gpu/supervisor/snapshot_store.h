// Where the probe's thread writes down what is known, and everybody else looks it up.
//
// All functions may be called from any thread; none waits for more than a copy of pointers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <string>

#include "gpu/derived/gpu_history.h"
#include "gpu/supervisor/probe_supervisor.h"
#include "rig/gpu_protocol/probe_line.h"

namespace rig {

class SnapshotStore {
 public:
  using Time = std::chrono::steady_clock::time_point;

  SnapshotStore(std::chrono::milliseconds sample_interval, std::chrono::milliseconds peak_window)
      : sample_interval_(sample_interval), peak_window_(peak_window) {}

  ProbeSnapshot snapshot() const;
  bool wait(Time deadline, const std::function<bool(const ProbeSnapshot&)>& enough) const;

  void started();
  void not_startable(std::string why);
  // What the probe said. A reading of a GPU that it does not list is dropped.
  void heard(ProbeReport&& report);
  void heard(GpuList&& list, Time now);
  void heard(GpuProcesses&& processes, Time now);
  void heard(GpuReading&& reading, Time now);
  // What it said of the cards is no news any more; the probe itself lives.
  void forget_gpus(std::string why);
  // The probe has gone, and what it said with it.
  void forget(std::string why);

 private:
  template <typename Change>
  void write(Change&& change);

  const std::chrono::milliseconds sample_interval_;
  const std::chrono::milliseconds peak_window_;
  // By PCI address, of all cards that were ever read: a probe that dies takes none of it along. Of
  // the thread that hears the probe.
  std::map<std::string, GpuHistory> histories_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  ProbeSnapshot now_;
  bool started_before_ = false;
};

}  // namespace rig
