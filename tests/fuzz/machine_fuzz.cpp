// Whatever /proc and /sys contain, no sample violates the range of its metric or is larger than the
// whole that it is a part of, and no collector fails.
//
// The input is a sequence of files: see split_files.h. NAME is a path that begins with proc/ or
// sys/; a content that begins with "-> " is the target of a symbolic link.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <string_view>

#include "gpu_probe/sysfs/amdgpu_sysfs.h"
#include "invariant.h"
#include "rig/gpu_protocol/gpu_fields.h"
#include "rig/scrape/collectors.h"
#include "split_files.h"
#include "support/collect.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxFiles = 200;

bool is_safe(std::string_view path) {
  const bool below = path.starts_with("proc/") || path.starts_with("sys/");
  return below && path.size() < 200 && path.find("..") == path.npos &&
         path.find('\0') == path.npos && !path.ends_with('/');
}

constexpr std::string_view kLink = "-> ";

// A path that cannot be created (a file in place of a directory, for example) is skipped.
void create_file(const fs::path& root, std::string_view name, std::string_view content) {
  std::error_code error;
  const fs::path file = root / name;
  fs::create_directories(file.parent_path(), error);
  if (!content.starts_with(kLink)) std::ofstream(file, std::ios::binary) << content;
}

// Links are created after all files, so that no file is written through one, and lead to a path
// within the machine.
void create_link(const fs::path& root, std::string_view name, std::string_view content) {
  if (!content.starts_with(kLink)) return;
  const auto target = trim(content.substr(kLink.size()));
  const fs::path link = root / name;
  const fs::path leads_to = (link.parent_path() / target).lexically_normal();
  if (target.find('\0') != target.npos ||
      leads_to.lexically_relative(root).string().starts_with(".."))
    return;
  std::error_code error;
  fs::create_symlink(target, link, error);
}

void create(const TemporaryDirectory& machine, std::string_view input) {
  for (const auto create_one : {create_file, create_link}) {
    std::size_t files = 0;
    for_each_file(input, [&](std::string_view name, std::string_view content) {
      if (is_safe(name) && files++ < kMaxFiles) create_one(machine.path(), name, content);
    });
  }
}

void check_ranges(const CollectorInfo& info, const Samples& samples) {
  for (const MetricInfo* metric : info.metrics) {
    for (const SampleView& sample : samples.find(*metric))
      require(metric->plausible.contains(sample.value), "a sample is in the range of its metric");
  }
}

// Every sample of `part` is at most the sample of `whole` with the same labels, if there is one.
void check_part(const CollectorInfo& info, const Samples& samples, std::string_view part,
                std::string_view whole) {
  const auto find = [&](std::string_view name) {
    const auto metric = std::ranges::find(info.metrics, name, &MetricInfo::name);
    require(metric != info.metrics.end(), "the metric exists");
    return samples.find(**metric);
  };
  const auto wholes = find(whole);
  for (const SampleView& sample : find(part)) {
    for (const SampleView& other : wholes) {
      if (std::ranges::equal(sample.label_values, other.label_values))
        require(sample.value <= other.value, "a part is not larger than the whole");
    }
  }
}

void check_memory(const CollectorInfo& info, const Samples& samples) {
  check_part(info, samples, "rig_memory_free_bytes", "rig_memory_total_bytes");
  check_part(info, samples, "rig_memory_available_bytes", "rig_memory_total_bytes");
  check_part(info, samples, "rig_memory_swap_free_bytes", "rig_memory_swap_total_bytes");
  check_part(info, samples, "rig_memory_hugepages_free_bytes", "rig_memory_hugepages_total_bytes");
  check_part(info, samples, "rig_memory_node_free_bytes", "rig_memory_node_total_bytes");
}

void check_collectors(const TemporaryDirectory& machine) {
  const auto collectors = std::to_array<CollectorInfo>(
      {cpu_collector(), disk_collector(), filesystem_collector(), host_collector(),
       memory_collector(), pressure_collector(), raid_collector()});
  for (const CollectorInfo& info : collectors) {
    Samples samples;
    try {
      samples = collect(info, machine);
    } catch (const ReadError&) {  // the runner of collectors reports it
      continue;
    }
    check_ranges(info, samples);
    if (info.name == "memory") check_memory(info, samples);
  }
}

void check_values(const char* field, const Range& range, double value) {
  if (range.contains(value)) return;
  std::fprintf(stderr, "%s is %g\n", field, value);
  require(false, "a value of a GPU is in the range of its metric");
}
void check_values(const char* field, const Range& range, const LabeledNumbers& values) {
  for (const auto& [label, value] : values) check_values(field, range, value);
}
void check_values(const char* field, const Range& range, const NestedNumbers& values) {
  for (const auto& [label, inner] : values) check_values(field, range, inner);
}
void check_values(const char* field, const Range& range, const std::optional<double>& value) {
  if (value) check_values(field, range, *value);
}
template <typename T>
void check_values(const char* /*unused*/, const Range& /*unused*/, const T& /*a text*/) {}

void check_gpus(const fs::path& sys) {
  for (const AmdgpuCard& card : list_amdgpu_cards(sys)) {
    AmdgpuSysfs gpu(card, [](auto, auto, auto) { return std::string(); });
    for (int sample = 0; sample < 2; ++sample) {
      const auto result = gpu.read();
      if (!result) continue;
      for_each_gpu_field([&](const auto& field) {
        check_values(field.name, field.plausible(), result->reading.*field.member);
      });
    }
  }
}

}  // namespace
}  // namespace rig

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string input(data, data + size);
  const TemporaryDirectory machine;
  rig::create(machine, input);
  rig::check_collectors(machine);
  rig::check_gpus(machine.path() / "sys");
  return 0;
}
