// The values of a limited number of series in the last ten minutes.
//
// A value that was not read is not recorded: a gap. A series without a value in the last ten
// minutes is forgotten. All functions may be called from any thread; none of them blocks for longer
// than it takes to copy one series.
//
// Memory: at most 4.5 MiB. A point takes 10 bytes (a double, and 16 bits of time) in a block of
// 32; there are at most kMaxBlocks blocks, which are reused and allocated only when needed, and
// kMaxSeries series with labels of at most kMaxLabelsSize bytes. If all blocks are in use, the
// oldest points of all series make room. 8 GPUs that are read every second, 32 arrays and 64 disks
// that are collected every second take about 3.5 MiB.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rig/metrics/metric.h"

namespace rig {

// Time since boot, including the time that the machine was suspended (CLOCK_BOOTTIME): unlike
// steady_clock, it tells how long ago something was; unlike system_clock, nobody sets it.
struct BootClock {
  using duration = std::chrono::milliseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<BootClock>;
  static constexpr bool is_steady = true;

  static time_point now();
};

struct HistoryPoint {
  BootClock::time_point time;
  double value;

  bool operator==(const HistoryPoint&) const = default;
};

// Valid during the call that it is passed to.
struct HistorySeries {
  const MetricInfo* metric;
  std::span<const std::string> label_values;  // sorted by label name
  std::span<const HistoryPoint> points;       // oldest first, never empty
};

class History {
 public:
  using Time = BootClock::time_point;

  static constexpr std::chrono::minutes kWindow{10};
  // A point that follows another one sooner is left out: of GPUs that are read ten times per second
  // not every reading is kept.
  static constexpr std::chrono::milliseconds kLeastInterval{750};
  static constexpr std::size_t kMaxSeries = 1024;
  static constexpr std::size_t kMaxLabelsSize = 256;
  static constexpr std::size_t kMaxBlocks = 12'000;

  // `most_blocks` is for tests.
  explicit History(std::size_t most_blocks = kMaxBlocks);
  ~History();

  // `metric` must exist as long as this object and is identified by its name; the label values are
  // sorted by label name. Has no effect unless `time` is at least kLeastInterval after the previous
  // point of the series.
  void record(const MetricInfo& metric, std::span<const std::string_view> label_values,
              double value, Time time);

  // Calls `visit` for each series that has points after `after`, with those in the ten minutes
  // before `now`. Sorted by metric name and label values. Points may be recorded meanwhile.
  void visit(Time after, Time now, const std::function<void(const HistorySeries&)>& visit) const;

  // The number of bytes that points and labels take.
  std::size_t memory_bytes() const;

 private:
  class Store;
  std::unique_ptr<Store> store_;
};

}  // namespace rig
