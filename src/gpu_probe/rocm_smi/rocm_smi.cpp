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

// The first flag limits the locks to this process (since 6.1; ignored before): without it, the
// library shares a lock with all other users on the machine, including training jobs. With the
// second, a call returns "busy" instead of waiting for that lock without limit.
constexpr std::uint64_t kInitFlags = 0x400000000000000 | 0x800000000000000;

constexpr std::uint32_t kOnlySensor = 0;

// A struct with room for the members that it may have in a newer library.
template <typename T>
class Padded {
 public:
  T* operator->() { return reinterpret_cast<T*>(bytes_.data()); }
  T* get() { return reinterpret_cast<T*>(bytes_.data()); }

 private:
  static_assert(sizeof(T) < 4096);
  alignas(alignof(std::max_align_t)) std::array<std::byte, 4096> bytes_{};
};

std::string status_text(rsmi_status_t status) {
  const char* text = nullptr;
  if (rsmi_status_string(status, &text) != RSMI_STATUS_SUCCESS || text == nullptr)
    return fmt::format("status {}", static_cast<int>(status));
  return text;
}

// ((domain & 0xffffffff) << 32) | (bus << 8) | (device << 3) | function
std::string pci_address(std::uint64_t id) {
  return fmt::format("{:04x}:{:02x}:{:02x}.{:x}", id >> 32U, (id >> 8U) & 0xffU, (id >> 3U) & 0x1fU,
                     id & 0x7U);
}

// The kernel's name for the library's value.
std::optional<std::string> performance_level_name(rsmi_dev_perf_level_t level) {
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

// The value that a function of the library returns through its last parameter.
template <typename T, typename Getter, typename... Arguments>
std::optional<T> call(Getter getter, Arguments... arguments) {
  T value{};
  if (getter(arguments..., &value) != RSMI_STATUS_SUCCESS) return std::nullopt;
  return value;
}

std::optional<double> temperature_celsius(std::uint32_t index, const std::string& sensor) {
  static const std::map<std::string, std::uint32_t> kTypes{{"edge", RSMI_TEMP_TYPE_EDGE},
                                                           {"junction", RSMI_TEMP_TYPE_JUNCTION},
                                                           {"memory", RSMI_TEMP_TYPE_MEMORY}};
  const auto type = kTypes.find(sensor);
  if (type == kTypes.end()) return std::nullopt;
  const auto millidegrees =
      call<std::int64_t>(rsmi_dev_temp_metric_get, index, type->second, RSMI_TEMP_CURRENT);
  if (!millidegrees) return std::nullopt;
  return static_cast<double>(*millidegrees) / 1e3;
}

std::optional<double> power_watts(std::uint32_t index) {
  auto microwatts = call<std::uint64_t>(rsmi_dev_power_ave_get, index, kOnlySensor);
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
  Padded<rsmi_frequencies_t> table;
  const auto type = clock == "sclk" ? RSMI_CLK_TYPE_SYS : RSMI_CLK_TYPE_MEM;
  if (rsmi_dev_gpu_clk_freq_get(index, type, table.get()) != RSMI_STATUS_SUCCESS)
    return std::nullopt;
  // Between two levels `current` is all ones.
  if (table->current >= table->num_supported || table->current >= RSMI_MAX_NUM_FREQUENCIES)
    return std::nullopt;
  return static_cast<double>(table->frequency[table->current]);
}

std::optional<double> fan_rpm(std::uint32_t index) {
  const auto rpm = call<std::int64_t>(rsmi_dev_fan_rpms_get, index, kOnlySensor);
  if (!rpm || *rpm < 0) return std::nullopt;  // -1: not available
  return static_cast<double>(*rpm);
}

std::optional<double> fan_ratio(std::uint32_t index) {
  const auto speed = call<std::int64_t>(rsmi_dev_fan_speed_get, index, kOnlySensor);
  const auto max = call<std::uint64_t>(rsmi_dev_fan_speed_max_get, index, kOnlySensor);
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
    // Since 6.0 it creates two files per GPU there, which only its reset functions need.
    const NewFiles created("/tmp", "rocmsmi_boot_");
    const rsmi_status_t status = rsmi_init(kInitFlags);
    created.remove();
    if (status != RSMI_STATUS_SUCCESS) return "rsmi_init: " + status_text(status);
    running_ = true;
    const auto count = call<std::uint32_t>(rsmi_num_monitor_devices).value_or(0);
    for (std::uint32_t index = 0; index < count; ++index) {
      if (const auto id = call<std::uint64_t>(rsmi_dev_pci_id_get, index))
        indices_.try_emplace(pci_address(*id), index);
    }
    if (indices_.empty())
      return "librocm_smi64 finds no GPU: does /sys/class/kfd exist, and can it be read?";
    return {};
  }

  std::string version() const override {
    Padded<rsmi_version_t> version;
    if (rsmi_version_get(version.get()) != RSMI_STATUS_SUCCESS) return {};
    return fmt::format("{}.{}.{}", version->major, version->minor, version->patch);
  }

  std::vector<std::string> pci_addresses() const override {
    std::vector<std::string> addresses;
    for (const auto& [address, index] : indices_) addresses.push_back(address);
    return addresses;
  }

  GpuReading read(const std::string& pci_address, const GpuQuery& query) override {
    GpuReading reading;
    reading.pci_address = pci_address;
    const auto found = indices_.find(pci_address);
    if (found == indices_.end())
      return reading;  // the library crashes if the index is out of range
    const std::uint32_t index = found->second;

    for (const auto& sensor : query.temperatures)
      put(reading.temperature_celsius, sensor, temperature_celsius(index, sensor));
    for (const auto& clock : query.clocks)
      put(reading.clock_hertz, clock, clock_hertz(index, clock));
    if (query.power) reading.power_watts = power_watts(index);
    if (query.power_cap) {
      if (const auto cap = call<std::uint64_t>(rsmi_dev_power_cap_get, index, kOnlySensor))
        reading.power_cap_watts = static_cast<double>(*cap) / 1e6;
    }
    if (query.fan_rpm) reading.fan_rpm = fan_rpm(index);
    if (query.fan_ratio) reading.fan_ratio = fan_ratio(index);
    if (query.performance_level) {
      if (const auto level = call<rsmi_dev_perf_level_t>(rsmi_dev_perf_level_get, index))
        reading.performance_level = performance_level_name(*level);
    }
    if (query.memory_size)
      put(reading.memory_size_bytes, "vram",
          to_double(call<std::uint64_t>(rsmi_dev_memory_total_get, index, RSMI_MEM_TYPE_VRAM)));
    if (query.memory_used)
      put(reading.memory_used_bytes, "vram",
          to_double(call<std::uint64_t>(rsmi_dev_memory_usage_get, index, RSMI_MEM_TYPE_VRAM)));
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
