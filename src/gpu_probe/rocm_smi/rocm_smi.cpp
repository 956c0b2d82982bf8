// GPUs through librocm_smi64: the module rig_rocm_smi.so.
#include <dlfcn.h>
#include <fmt/format.h>
#include <rocm_smi/rocm_smi.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "gpu_probe/rocm_smi/gpu_library.h"
#include "gpu_probe/rocm_smi/kfd_flaw.h"
#include "gpu_probe/rocm_smi/new_files.h"
#include "rig/kernel/root_paths.h"

namespace rig {
namespace {

// The library was built for one of two generations that have one SONAME and different structs;
// rsmi_version_get() says 1.0.0 in some builds of both. What tells them apart is a function that
// came with the second.
constexpr const char* kSecondGenerationFunction = "rsmi_dev_activity_metric_get";

// The first flag keeps the locks within this process (from 6.1 on; unknown before): without it the
// library shares a lock with every other user on the machine, training jobs among them. The second
// makes a call say "busy" where it would wait for that lock without limit.
constexpr std::uint64_t kInitFlags = 0x400000000000000 | 0x800000000000000;

constexpr std::uint32_t kOnlySensor = 0;

// Room for a struct that a newer library may know with more members.
template <typename T>
class Roomy {
 public:
  T* operator->() { return reinterpret_cast<T*>(bytes_.data()); }
  T* get() { return reinterpret_cast<T*>(bytes_.data()); }

 private:
  static_assert(sizeof(T) < 4096);
  alignas(alignof(std::max_align_t)) std::array<std::byte, 4096> bytes_{};
};

std::string status_words(rsmi_status_t status) {
  const char* words = nullptr;
  if (rsmi_status_string(status, &words) != RSMI_STATUS_SUCCESS || words == nullptr)
    return fmt::format("status {}", static_cast<int>(status));
  return words;
}

// ((domain & 0xffffffff) << 32) | (bus << 8) | (device << 3) | function
std::string pci_address(std::uint64_t id) {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", id >> 32U, (id >> 8U) & 0xffU, (id >> 3U) & 0x1fU,
                     id & 0x7U);
}

// The kernel's words for the library's numbers.
std::optional<std::string> performance_level_word(rsmi_dev_perf_level_t level) {
  switch (level) {
    case RSMI_DEV_PERF_LEVEL_AUTO:
      return "auto";
    case RSMI_DEV_PERF_LEVEL_LOW:
      return "low";
    case RSMI_DEV_PERF_LEVEL_HIGH:
      return "high";
    case RSMI_DEV_PERF_LEVEL_MANUAL:
      return "manual";
    case RSMI_DEV_PERF_LEVEL_STABLE_STD:
      return "profile_standard";
    case RSMI_DEV_PERF_LEVEL_STABLE_PEAK:
      return "profile_peak";
    case RSMI_DEV_PERF_LEVEL_STABLE_MIN_MCLK:
      return "profile_min_mclk";
    case RSMI_DEV_PERF_LEVEL_STABLE_MIN_SCLK:
      return "profile_min_sclk";
    case RSMI_DEV_PERF_LEVEL_DETERMINISM:
      return "perf_determinism";
    default:
      return std::nullopt;
  }
}

// The value that a getter of the library writes, when it says that it did.
template <typename T, typename Getter, typename... Arguments>
std::optional<T> ask(Getter getter, Arguments... arguments) {
  T value{};
  if (getter(arguments..., &value) != RSMI_STATUS_SUCCESS) return std::nullopt;
  return value;
}

std::optional<double> temperature_celsius(std::uint32_t index, const std::string& sensor) {
  const std::uint32_t type = sensor == "edge"       ? RSMI_TEMP_TYPE_EDGE
                             : sensor == "junction" ? RSMI_TEMP_TYPE_JUNCTION
                                                    : RSMI_TEMP_TYPE_MEMORY;
  const auto millidegrees =
      ask<std::int64_t>(rsmi_dev_temp_metric_get, index, type, RSMI_TEMP_CURRENT);
  if (!millidegrees) return std::nullopt;
  return static_cast<double>(*millidegrees) / 1e3;
}

std::optional<double> power_watts(std::uint32_t index) {
  auto microwatts = ask<std::uint64_t>(rsmi_dev_power_ave_get, index, kOnlySensor);
#if RIG_ROCM_SMI_SECOND_GENERATION
  RSMI_POWER_TYPE type = RSMI_INVALID_POWER;
  std::uint64_t any = 0;
  if (!microwatts && rsmi_dev_power_get(index, &any, &type) == RSMI_STATUS_SUCCESS &&
      type != RSMI_INVALID_POWER)
    microwatts = any;
#endif
  if (!microwatts) return std::nullopt;
  return static_cast<double>(*microwatts) / 1e6;
}

std::optional<double> clock_hertz(std::uint32_t index, const std::string& clock) {
  Roomy<rsmi_frequencies_t> table;
  const auto type = clock == "sclk" ? RSMI_CLK_TYPE_SYS : RSMI_CLK_TYPE_MEM;
  if (rsmi_dev_gpu_clk_freq_get(index, type, table.get()) != RSMI_STATUS_SUCCESS)
    return std::nullopt;
  // Between two levels `current` is all ones.
  if (table->current >= table->num_supported || table->current >= RSMI_MAX_NUM_FREQUENCIES)
    return std::nullopt;
  return static_cast<double>(table->frequency[table->current]);
}

std::optional<double> fan_rpm(std::uint32_t index) {
  const auto rpm = ask<std::int64_t>(rsmi_dev_fan_rpms_get, index, kOnlySensor);
  if (!rpm || *rpm < 0) return std::nullopt;  // -1 is no answer
  return static_cast<double>(*rpm);
}

std::optional<double> fan_ratio(std::uint32_t index) {
  const auto speed = ask<std::int64_t>(rsmi_dev_fan_speed_get, index, kOnlySensor);
  const auto max = ask<std::uint64_t>(rsmi_dev_fan_speed_max_get, index, kOnlySensor);
  if (!speed || *speed < 0 || !max || *max == 0) return std::nullopt;
  return static_cast<double>(*speed) / static_cast<double>(*max);
}

std::optional<double> to_double(const std::optional<std::uint64_t>& value) {
  if (!value) return std::nullopt;
  return static_cast<double>(*value);
}

void put(std::map<std::string, double>& values, const std::string& key,
         const std::optional<double>& value) {
  if (value) values[key] = *value;
}

class RocmSmi : public GpuLibrary {
 public:
  RocmSmi() = default;
  RocmSmi(const RocmSmi&) = delete;
  RocmSmi& operator=(const RocmSmi&) = delete;
  ~RocmSmi() override { stop(); }

  std::string start() override {
    stop();
    constexpr bool kBuiltForSecond = RIG_ROCM_SMI_SECOND_GENERATION != 0;
    const bool is_second = dlsym(RTLD_DEFAULT, kSecondGenerationFunction) != nullptr;
    if (is_second != kBuiltForSecond) {
      return fmt::format(
          "librocm_smi64 is of generation {}, rig_rocm_smi.so was built for generation {}: install "
          "the rig_exporter that was built for this system",
          is_second ? "6 or later" : "5 or earlier",
          kBuiltForSecond ? "6 or later" : "5 or earlier");
    }
    if (auto flaw = kfd_flaw(RootPaths{}.sys); !flaw.empty()) return flaw;
    // From 6.0 on it leaves two files a card there, for resets that nobody here asks for.
    const NewFiles notes("/tmp", "rocmsmi_boot_");
    const rsmi_status_t status = rsmi_init(kInitFlags);
    notes.remove();
    if (status != RSMI_STATUS_SUCCESS) return "rsmi_init: " + status_words(status);
    running_ = true;
    const auto count = ask<std::uint32_t>(rsmi_num_monitor_devices).value_or(0);
    for (std::uint32_t index = 0; index < count; ++index) {
      if (const auto id = ask<std::uint64_t>(rsmi_dev_pci_id_get, index))
        indices_.try_emplace(pci_address(*id), index);
    }
    if (indices_.empty())
      return "librocm_smi64 finds no GPU: is /sys/class/kfd there and readable?";
    return {};
  }

  std::string version() const override {
    Roomy<rsmi_version_t> version;
    if (rsmi_version_get(version.get()) != RSMI_STATUS_SUCCESS) return {};
    return fmt::format("{}.{}.{}", version->major, version->minor, version->patch);
  }

  std::vector<std::string> pci_addresses() const override {
    std::vector<std::string> addresses;
    for (const auto& [address, index] : indices_) addresses.push_back(address);
    return addresses;
  }

  GpuReading read(const std::string& pci_address, const GpuQuery& questions) override {
    GpuReading reading;
    reading.pci_address = pci_address;
    const auto found = indices_.find(pci_address);
    if (found == indices_.end()) return reading;  // an index out of range crashes the library
    const std::uint32_t index = found->second;

    for (const auto& sensor : questions.temperatures)
      put(reading.temperature_celsius, sensor, temperature_celsius(index, sensor));
    for (const auto& clock : questions.clocks)
      put(reading.clock_hertz, clock, clock_hertz(index, clock));
    if (questions.power) reading.power_watts = power_watts(index);
    if (questions.power_cap) {
      if (const auto cap = ask<std::uint64_t>(rsmi_dev_power_cap_get, index, kOnlySensor))
        reading.power_cap_watts = static_cast<double>(*cap) / 1e6;
    }
    if (questions.fan_rpm) reading.fan_rpm = fan_rpm(index);
    if (questions.fan_ratio) reading.fan_ratio = fan_ratio(index);
    if (questions.performance_level) {
      if (const auto level = ask<rsmi_dev_perf_level_t>(rsmi_dev_perf_level_get, index))
        reading.performance_level = performance_level_word(*level);
    }
    if (questions.memory_size)
      put(reading.memory_size_bytes, "vram",
          to_double(ask<std::uint64_t>(rsmi_dev_memory_total_get, index, RSMI_MEM_TYPE_VRAM)));
    if (questions.memory_used)
      put(reading.memory_used_bytes, "vram",
          to_double(ask<std::uint64_t>(rsmi_dev_memory_usage_get, index, RSMI_MEM_TYPE_VRAM)));
    return reading;
  }

 private:
  void stop() {
    indices_.clear();
    if (running_) rsmi_shut_down();
    running_ = false;
  }

  bool running_ = false;
  std::map<std::string, std::uint32_t> indices_;  // the library's device numbers
};

}  // namespace
}  // namespace rig

extern "C" __attribute__((visibility("default"))) rig::GpuLibrary* rig_gpu_library_1() {
  return new rig::RocmSmi;
}
