#include "rig/gpu/gpu_metric_sources.h"

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

namespace rig {
namespace {

template <typename T>
std::string files_of(const GpuField<T>& field) {
  std::string files;
  const auto add = [&](std::string_view more) {
    if (!files.empty() && !more.empty()) files += ' ';
    files += more;
  };
  for (const SysfsFile& file : field.sysfs) add(file.path);
  add(field.other_files);
  return files;
}

std::vector<GpuMetricSource> all_sources() {
  static std::deque<std::string> files;  // referenced by the sources
  std::vector<GpuMetricSource> sources(kDerivedGpuMetrics.begin(), kDerivedGpuMetrics.end());
  for_each_gpu_field([&](const auto& field) {
    if (field.exported())
      sources.push_back({&field.metric, files.emplace_back(files_of(field)), field.where});
  });
  return sources;
}

}  // namespace

std::span<const GpuMetricSource> gpu_metric_sources() {
  static const auto kSources = all_sources();
  return kSources;
}

const GpuMetricSource* gpu_metric_source(std::string_view metric_name) {
  const auto sources = gpu_metric_sources();
  const auto found = std::ranges::find(
      sources, metric_name, [](const GpuMetricSource& source) { return source.metric->name; });
  return found == sources.end() ? nullptr : &*found;
}

}  // namespace rig
