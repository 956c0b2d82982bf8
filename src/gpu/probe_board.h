// Where the probe's thread writes down what is known, and everybody else looks it up.
//
// All functions may be called from any thread; none waits for more than a copy of pointers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>

#include "rig/gpu_reading.h"
#include "rig/probe_process.h"

namespace rig {

class ProbeBoard {
 public:
  using Time = std::chrono::steady_clock::time_point;

  ProbeSnapshot snapshot() const;
  bool wait(Time deadline, const std::function<bool(const ProbeSnapshot&)>& enough) const;

  void started();
  void not_startable(std::string why);
  // What the probe said. A reading of a GPU that it does not list is dropped.
  void heard(ProbeReport&& report);
  void heard(GpuList&& list, Time now);
  void heard(GpuReading&& reading, Time now);
  // What it said of the cards is no news any more; the probe itself lives.
  void forget_gpus(std::string why);
  // The probe has gone, and what it said with it.
  void forget(std::string why);

 private:
  template <typename Change>
  void write(Change&& change);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  ProbeSnapshot now_;
  bool started_before_ = false;
};

}  // namespace rig
