#include "gpu_probe/sysfs/amdgpu_fields.h"

#include <optional>
#include <string>

namespace rig {
namespace {

class FieldFiles {
 public:
  FieldFiles(FieldReader& device, std::string_view hwmon) : device_(device) {
    if (!hwmon.empty()) hwmon_.append("hwmon/").append(hwmon).append("/");
  }

  void read(const GpuField<std::optional<double>>& field, std::optional<double>& value) {
    for (const SysfsFile& file : field.sysfs) {
      if (!value) value = number(field, file);
    }
  }

  void read(const GpuField<LabeledNumbers>& field, LabeledNumbers& values) {
    for (const SysfsFile& file : field.sysfs) {
      if (values.contains(std::string(file.key))) continue;
      if (const auto value = number(field, file)) values.emplace(file.key, *value);
    }
  }

  void read(const GpuField<std::optional<std::string>>& field, std::optional<std::string>& value) {
    for (const SysfsFile& file : field.sysfs) {
      if (value) return;
      if (const auto path = resolve(file)) value = device_.text(*path);
    }
  }

  // Values of other types are not in files of a single value.
  template <typename T>
  void read(const GpuField<T>& /*unused*/, T& /*unused*/) {}

 private:
  template <typename T>
  std::optional<double> number(const GpuField<T>& field, const SysfsFile& file) {
    const auto path = resolve(file);
    if (!path) return std::nullopt;
    return device_.number(*path, field.divisor, field.plausible());
  }

  // The path below the device's directory, valid until the next call; std::nullopt if there is no
  // such file.
  std::optional<std::string_view> resolve(const SysfsFile& file) {
    if (file.path.empty()) return std::nullopt;
    constexpr std::string_view kAnyHwmon = "hwmon/*/";
    if (!file.path.starts_with(kAnyHwmon)) return file.path;
    if (hwmon_.empty()) return std::nullopt;
    path_.assign(hwmon_).append(file.path.substr(kAnyHwmon.size()));
    return path_;
  }

  FieldReader& device_;
  std::string hwmon_;  // "hwmon/hwmon2/"; empty: it has none
  std::string path_;
};

class ImplausibleRemover {
 public:
  explicit ImplausibleRemover(GpuReading& reading) : reading_(reading) {}

  void check(const char* field, const Range& range, std::optional<double>& value) {
    if (value && is_implausible(field, range, *value)) value.reset();
  }
  void check(const char* field, const Range& range, LabeledNumbers& values) {
    std::erase_if(values,
                  [&](const auto& entry) { return is_implausible(field, range, entry.second); });
  }
  void check(const char* field, const Range& range, NestedNumbers& values) {
    for (auto& [label, inner] : values) check(field, range, inner);
  }
  template <typename T>
  void check(const char* /*unused*/, const Range& /*unused*/, T& /*a text*/) {}

 private:
  bool is_implausible(const char* field, const Range& range, double value) {
    if (range.contains(value)) return false;
    ++reading_.read_errors["implausible"];
    reading_.problems.push_back(
        {Reason::implausible, field, "implausible: " + std::to_string(value)});
    return true;
  }

  GpuReading& reading_;
};

}  // namespace

void remove_implausible(GpuReading& reading) {
  ImplausibleRemover remover(reading);
  for_each_gpu_field([&](const auto& field) {
    remover.check(field.name, field.plausible(), reading.*field.member);
  });
}

void read_fields(FieldReader& device, std::string_view hwmon, Refresh refresh, GpuReading& values) {
  FieldFiles files(device, hwmon);
  for_each_gpu_field([&](const auto& field) {
    if (field.refresh == refresh) files.read(field, values.*field.member);
  });
}

void copy_constant_fields(const GpuReading& from, GpuReading& to) {
  for_each_gpu_field([&](const auto& field) {
    if (field.refresh == Refresh::once) to.*field.member = from.*field.member;
  });
}

}  // namespace rig
