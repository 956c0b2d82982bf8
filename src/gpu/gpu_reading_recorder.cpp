#include "gpu/gpu_reading_recorder.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "rig/gpu_protocol/gpu_fields.h"

namespace rig {
namespace {

// Records the numbers of one reading.
class ReadingValues {
 public:
  ReadingValues(SampleRecorder& recorder, std::string_view index, const ProbeGpu& gpu)
      : recorder_(recorder), index_(index), gpu_(gpu) {}

  void record(const MetricInfo& metric, std::optional<double> value) {
    const std::array<std::string_view, 2> labels{index_, gpu_.reading->pci_address};
    if (value) recorder_.record_reading(metric, *value, labels, gpu_.read_at);
  }

  void record(const MetricInfo& metric, const LabeledNumbers& values) {
    for (const auto& [label, value] : values) {
      const std::array<std::string_view, 3> labels{index_, gpu_.reading->pci_address, label};
      recorder_.record_reading(metric, value, labels, gpu_.read_at);
    }
  }

  // Fields that are no numbers, or have several labels, are not recorded.
  template <typename T>
  void record(const MetricInfo& /*metric*/, const T& /*value*/) {}

 private:
  SampleRecorder& recorder_;
  std::string_view index_;
  const ProbeGpu& gpu_;
};

}  // namespace

void GpuReadingRecorder::record_to(std::shared_ptr<SampleRecorder> recorder) {
  const std::lock_guard lock(mutex_);
  recorder_ = std::move(recorder);
}

void GpuReadingRecorder::record(const ProbeGpus& gpus, const ProbeGpu& gpu) {
  const std::lock_guard lock(mutex_);
  if (!recorder_) return;
  // GPUs that are listed together are numbered by PCI address, whichever is read first.
  for (const auto& listed : gpus) indices_.index_of(listed.first);
  ReadingValues values(*recorder_, indices_.index_of(gpu.reading->pci_address), gpu);
  for_each_gpu_field([&](const auto& field) {
    if (field.exported() && recorder_->wants_readings_of(field.metric))
      values.record(field.metric, (*gpu.reading).*field.member);
  });
}

}  // namespace rig
