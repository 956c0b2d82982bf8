#include "rig/live/history.h"

#include <time.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "live/point_blocks.h"

namespace rig {
namespace {

// How often series that have no points any more are forgotten.
constexpr std::chrono::seconds kSweepInterval{30};
// Precedes each label value in the key of a series; it is not part of any valid UTF-8.
constexpr char kSeparator = '\xff';

// The name of the metric and the label values.
void assign_key(std::string& key, const MetricInfo& metric,
                std::span<const std::string_view> label_values) {
  key.assign(metric.name);
  for (const auto value : label_values) key.append(1, kSeparator).append(value);
}

std::vector<std::string> label_values_of(std::string_view key) {
  std::vector<std::string> values;
  while (true) {
    const auto begin = key.find(kSeparator);
    if (begin == key.npos) return values;
    key.remove_prefix(begin + 1);
    values.emplace_back(key.substr(0, key.find(kSeparator)));
  }
}

}  // namespace

BootClock::time_point BootClock::now() {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return time_point(std::chrono::duration_cast<duration>(std::chrono::seconds(time.tv_sec) +
                                                         std::chrono::nanoseconds(time.tv_nsec)));
}

class History::Store {
 public:
  explicit Store(std::size_t most_blocks) : blocks_(most_blocks) {}

  void record(const MetricInfo& metric, std::span<const std::string_view> label_values,
              HistoryPoint point) {
    const std::lock_guard lock(mutex_);
    sweep(point.time);
    assign_key(key_, metric, label_values);
    auto found = series_.find(key_);
    if (found == series_.end()) {
      if (series_.size() >= kMaxSeries || key_.size() > metric.name.size() + kMaxLabelsSize) return;
      found = series_.emplace(key_, Series{&metric, {}}).first;
    }
    PointList& points = found->second.points;
    const auto last = blocks_.last_time(points);
    if (last && point.time < *last + kLeastInterval) return;
    blocks_.remove_before(points, point.time - kWindow);
    while (!blocks_.append(points, point) && remove_oldest_block()) {
    }
  }

  std::vector<std::string> keys() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> keys;
    keys.reserve(series_.size());
    for (const auto& [key, series] : series_) keys.push_back(key);
    return keys;
  }

  // The metric of a series, whose points from `from` on are copied to `points`; null if there is no
  // such series any more.
  const MetricInfo* copy(const std::string& key, Time from,
                         std::vector<HistoryPoint>& points) const {
    points.clear();
    const std::lock_guard lock(mutex_);
    const auto found = series_.find(key);
    if (found == series_.end()) return nullptr;
    blocks_.copy(found->second.points, from, points);
    return found->second.metric;
  }

  std::size_t memory_bytes() const {
    const std::lock_guard lock(mutex_);
    std::size_t bytes = blocks_.memory_bytes();
    for (const auto& [key, series] : series_) bytes += kNodeSize + key.capacity();
    return bytes;
  }

 private:
  struct Series {
    const MetricInfo* metric;
    PointList points;
  };
  // Sorted by the name of the metric and the label values.
  using AllSeries = std::map<std::string, Series, std::less<>>;
  static constexpr std::size_t kNodeSize = sizeof(AllSeries::value_type) + 4 * sizeof(void*);

  void sweep(Time now) {
    if (swept_ && now < *swept_ + kSweepInterval) return;
    swept_ = now;
    for (auto at = series_.begin(); at != series_.end();) {
      blocks_.remove_before(at->second.points, now - kWindow);
      at = at->second.points.empty() ? series_.erase(at) : std::next(at);
    }
  }

  // False if there is no block in use.
  bool remove_oldest_block() {
    PointList* oldest = nullptr;
    for (auto& [key, series] : series_) {
      const auto end = blocks_.first_block_end(series.points);
      if (end && (oldest == nullptr || *end < *blocks_.first_block_end(*oldest)))
        oldest = &series.points;
    }
    if (oldest == nullptr) return false;
    blocks_.remove_first_block(*oldest);
    return true;
  }

  mutable std::mutex mutex_;
  PointBlocks blocks_;
  AllSeries series_;
  std::optional<Time> swept_;
  std::string key_;  // of the series that is being recorded; reused
};

History::History(std::size_t most_blocks) : store_(std::make_unique<Store>(most_blocks)) {}

History::~History() = default;

void History::record(const MetricInfo& metric, std::span<const std::string_view> label_values,
                     double value, Time time) {
  store_->record(metric, label_values, {time, value});
}

void History::visit(Time after, Time now,
                    const std::function<void(const HistorySeries&)>& visit) const {
  const Time from = std::max(after + std::chrono::milliseconds(1), now - kWindow);
  std::vector<HistoryPoint> points;
  for (const auto& key : store_->keys()) {
    const auto* const metric = store_->copy(key, from, points);
    if (metric == nullptr || points.empty()) continue;
    const auto label_values = label_values_of(key);
    visit({metric, label_values, points});
  }
}

std::size_t History::memory_bytes() const { return store_->memory_bytes(); }

}  // namespace rig
