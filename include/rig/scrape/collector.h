// A collector turns what its sources read into samples of metrics that are declared once.
//
// collect() runs in a thread of the collector's own (collector_runner.h), one call at a time. It
// may throw: what it added before is kept, and the exception becomes a problem. It may also hang:
// that costs this collector's samples only.
#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string_view>

#include "rig/kernel/root_paths.h"
#include "rig/metrics/metric.h"
#include "rig/metrics/samples.h"

namespace rig {

struct Config;
class Instrumentation;

using Deadline = std::chrono::steady_clock::time_point;

class Collector {
 public:
  Collector() = default;
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;
  virtual ~Collector() = default;

  // Called once, before the first collect(): for a collector that counts events of its own.
  virtual void instrument(Instrumentation& /*instrumentation*/) {}

  // Adds the current values. A collector with several sources that may hang waits for none of them
  // beyond `deadline`, and adds what the others gave; one with a single source may ignore it.
  virtual void collect(Samples& samples, Deadline deadline) = 0;

  // False while a source that reports by itself (the GPU probe) has not reported for the first
  // time, so that a collection now would lack it. Called from any thread.
  virtual bool ready() const { return true; }
};

struct CollectorInfo {
  std::string_view name;
  std::string_view help;  // for --help: what it reads, in a few words
  std::span<const MetricInfo* const> metrics;
  std::unique_ptr<Collector> (*make)(const RootPaths&, const Config&);
};

}  // namespace rig
