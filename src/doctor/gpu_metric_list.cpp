#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <span>
#include <system_error>

#include "doctor/checks.h"
#include "rig/gpu/gpu_families.h"
#include "rig/gpu/gpu_metric_sources.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

// `pattern` contains at most one *.
bool matches(std::string_view pattern, std::string_view name) {
  const auto star = pattern.find('*');
  if (star == pattern.npos) return pattern == name;
  return name.size() + 1 >= pattern.size() && name.starts_with(pattern.substr(0, star)) &&
         name.ends_with(pattern.substr(star + 1));
}

// Only lists names: it opens no file and therefore wakes no GPU.
std::vector<fs::path> find_files(const fs::path& directory, std::string_view pattern) {
  const auto [first, rest] = split_at(pattern, '/');
  std::vector<fs::path> found;
  std::error_code ignored;
  if (!fs::is_directory(directory, ignored)) return found;
  for (const auto& name : list_names(directory).get().value_or(std::vector<std::string>{})) {
    if (!matches(first, name)) continue;
    if (rest.empty()) {
      found.push_back(directory / name);
    } else {
      std::ranges::move(find_files(directory / name, rest), std::back_inserter(found));
    }
  }
  return found;
}

bool may_read(const fs::path& file) { return access(file.c_str(), R_OK) == 0; }

struct Gpu {
  std::string_view pci_address;
  std::optional<fs::path> device;  // absent: its files are not on this host, as with a recording
  bool up = false;
  bool suspended = false;
};

std::string why_absent(const GpuMetricSource& source, const Gpu& gpu) {
  std::vector<std::string_view> missing;
  std::vector<std::string_view> unreadable;
  std::vector<std::string_view> without_value;
  for (const auto pattern : gpu.device ? words(source.files) : std::vector<std::string_view>()) {
    const auto files = find_files(*gpu.device, pattern);
    if (files.empty()) {
      missing.push_back(pattern);
    } else if (std::ranges::none_of(files, may_read)) {
      unreadable.push_back(pattern);
    } else {
      without_value.push_back(pattern);
    }
  }
  if (!without_value.empty() && gpu.suspended) return "the GPU is suspended and is not woken";
  if (!without_value.empty() && !gpu.up) return "the GPU does not respond";
  std::vector<std::string> reasons;
  const auto add = [&](const std::vector<std::string_view>& files, std::string_view one,
                       std::string_view many) {
    if (!files.empty())
      reasons.push_back(
          fmt::format("{} {}", fmt::join(files, " and "), files.size() == 1 ? one : many));
  };
  add(missing, "does not exist", "do not exist");
  add(unreadable, "is not readable for this user", "are not readable for this user");
  add(without_value, "has no value", "have no value");
  if (reasons.empty()) return std::string(source.where);
  return fmt::format("{} ({})", fmt::join(reasons, ", "), source.where);
}

bool is_per_gpu(const MetricInfo& metric) {
  const std::span labels(metric.labels.data(), metric.label_count);
  return std::ranges::find(labels, "pci_address") != labels.end();
}

GpuMetricList list_for(const CheckInput& input, const Gpu& gpu, std::string_view number) {
  const bool has_interval = input.config.gpu.sample_interval != kAtRequests;
  GpuMetricList list{std::string(number), std::string(gpu.pci_address), {}, {}};
  for (const auto* metric : kGpuMetrics) {
    if (!is_per_gpu(*metric)) continue;
    const std::string name(metric->name);
    const auto* source = gpu_metric_source(name);
    if (input.scrape.value(*metric, {{"pci_address", gpu.pci_address}})) {
      list.present.push_back(name);
    } else if (source != nullptr && source->needs_interval && !has_interval) {
      list.absent.push_back({name, "needs samples between scrapes, and gpu.sample-interval is 0"});
    } else {
      list.absent.push_back({name, source != nullptr ? why_absent(*source, gpu) : ""});
    }
  }
  return list;
}

}  // namespace

std::vector<GpuMetricList> list_gpu_metrics(const CheckInput& input) {
  const auto cards = list_amdgpu_cards(input.config.paths.sys);
  std::vector<GpuMetricList> lists;
  for (const auto& up : input.scrape.find(kUp)) {
    const auto address = up.label("pci_address");
    Gpu gpu{address, std::nullopt, up.value == 1, false};
    gpu.suspended = input.scrape.value(gpu_field::runtime_state.metric,
                                       {{"pci_address", address}, {"state", "suspended"}}) == 1;
    const auto found = std::ranges::find(cards, address, &AmdgpuCard::pci_address);
    if (found != cards.end()) gpu.device = found->device;
    lists.push_back(list_for(input, gpu, up.label("gpu")));
  }
  return lists;
}

}  // namespace rig
