// A collector converts the data of its sources to samples of its declared metrics.
//
// collect() is called by one thread at a time (collector_runner.h). It may throw: the samples that
// it added before are kept, and the exception becomes a problem. It may also hang: then only the
// samples of this collector are missing. If it hangs in an operation of a TimedTask or a TaskPool,
// it is called again in another thread. The first call then ends as soon as the operation returns.
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
class SampleRecorder;

using Deadline = std::chrono::steady_clock::time_point;

class Collector {
 public:
  Collector() = default;
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;
  virtual ~Collector() = default;

  // Called once, before the first collect(): for collectors with counters in the exporter's
  // instrumentation.
  virtual void instrument(Instrumentation& /*instrumentation*/) {}

  // Called at most once, before the first collect(): for collectors whose source sends values
  // between collections, which are recorded from now on. The samples of collect() are recorded
  // elsewhere.
  virtual void record_readings(const std::shared_ptr<SampleRecorder>& /*recorder*/) {}

  // Adds the current values. A collector with several sources that may hang waits for each of them
  // at most until `deadline` and adds the samples of the others; a collector with a single source
  // may ignore `deadline`.
  virtual void collect(Samples& samples, Deadline deadline) = 0;

  // False until a source that sends its data asynchronously (the GPU probe) has sent it for the
  // first time: a collection before that would lack its samples. May be called from any thread.
  virtual bool ready() const { return true; }
};

struct CollectorInfo {
  std::string_view name;
  std::string_view help;  // for --help: short description of what it reads
  std::span<const MetricInfo* const> metrics;
  std::unique_ptr<Collector> (*make)(const RootPaths&, const Config&);
};

}  // namespace rig
