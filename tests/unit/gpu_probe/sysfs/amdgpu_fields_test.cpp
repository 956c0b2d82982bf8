#include "gpu_probe/sysfs/amdgpu_fields.h"

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

constexpr std::string_view kHwmon = "hwmon2";

std::string resolved(std::string_view path) {
  std::string file(path);
  if (const auto star = file.find('*'); star != file.npos) file.replace(star, 1, kHwmon);
  return file;
}

GpuReading read_all(const TemporaryDirectory& device, std::string_view hwmon = kHwmon) {
  GpuReading reading;
  FieldReader files(device.path(), reading);
  for (const auto refresh : {Refresh::every_sample, Refresh::once, Refresh::even_asleep})
    read_fields(files, hwmon, refresh, reading);
  return reading;
}

double value_in(const std::optional<double>& value, std::string_view /*unused*/) {
  return value.value_or(-1);
}

double value_in(const LabeledNumbers& values, std::string_view key) {
  const auto found = values.find(std::string(key));
  return found == values.end() ? -1 : found->second;
}

template <typename T>
constexpr bool kIsNumber =
    std::is_same_v<T, std::optional<double>> || std::is_same_v<T, LabeledNumbers>;

}  // namespace

TEST_CASE("Each sysfs file of the table sets its own field in base units") {
  for_each_gpu_field([]<typename T>(const GpuField<T>& field) {
    for (const SysfsFile& file : field.sysfs) {
      if (file.path.empty()) continue;
      INFO(field.name << " from " << file.path);
      const TemporaryDirectory device;
      device.write(resolved(file.path), "1\n");
      const GpuReading reading = read_all(device);
      CHECK(reading.problems.empty());
      if constexpr (kIsNumber<T>) {
        CHECK(value_in(reading.*field.member, file.key) == 1 / field.divisor);
      } else if constexpr (std::is_same_v<T, std::optional<std::string>>) {
        CHECK(reading.*field.member == "1");
      } else {
        FAIL_CHECK("not a type that is read from a plain file");
      }
      GpuReading others = reading;
      others.*field.member = T{};
      CHECK(others == GpuReading{});
    }
  });
}

TEST_CASE("Each number outside the range of its row is dropped with a problem") {
  for_each_gpu_field([]<typename T>(const GpuField<T>& field) {
    if constexpr (kIsNumber<T>) {
      for (const SysfsFile& file : field.sysfs) {
        if (file.path.empty()) continue;
        INFO(field.name << " from " << file.path);
        const TemporaryDirectory device;
        device.write(resolved(file.path), "-9000000000000000000\n");
        const GpuReading reading = read_all(device);
        CHECK(reading.*field.member == T{});
        CHECK(reading.problems.size() == 1);
        CHECK(reading.read_errors == LabeledNumbers{{"implausible", 1}});
      }
    }
  });
}

TEST_CASE("Every number outside the range of its field is removed, whatever it was read from") {
  GpuReading reading;
  reading.power_watts = 5000;
  reading.fan_rpm = 700;
  reading.temperature_celsius = {{"edge", 511}, {"junction", 60}};
  reading.xgmi_bytes["0"] = {{"read", 3e19}, {"write", 5}};
  reading.ecc_errors["umc"] = {{"correctable", 4294967295}, {"uncorrectable", 2}};
  reading.pcie_aer_errors["device"] = {{"fatal", 4294967295}};
  remove_implausible(reading);
  CHECK_FALSE(reading.power_watts);
  CHECK(reading.fan_rpm == 700.0);
  CHECK(reading.temperature_celsius == LabeledNumbers{{"junction", 60}});
  CHECK(reading.xgmi_bytes == NestedNumbers{{"0", {{"write", 5}}}});
  CHECK(reading.ecc_errors.at("umc") == LabeledNumbers{{"uncorrectable", 2}});
  CHECK(reading.problems.size() == 5);
  CHECK(reading.read_errors == LabeledNumbers{{"implausible", 5}});
}

TEST_CASE("The first file with a value counts") {
  const TemporaryDirectory device;
  device.write("hwmon/hwmon2/power1_input", "7000000\n");
  CHECK(read_all(device).power_watts == 7.0);
  device.write("hwmon/hwmon2/power1_average", "5000000\n");
  CHECK(read_all(device).power_watts == 5.0);
}

TEST_CASE("Without a hwmon directory only the other files are read") {
  const TemporaryDirectory device;
  device.write("hwmon/hwmon2/fan1_input", "900\n");
  device.write("gpu_busy_percent", "50\n");
  const GpuReading reading = read_all(device, "");
  CHECK_FALSE(reading.fan_rpm);
  CHECK(reading.busy_ratio.at("gfx") == 0.5);
}

TEST_CASE("Constant fields are copied, others are not") {
  GpuReading from;
  from.fan_max_rpm = 3300;
  from.firmware = {{"smc", "0x003a5400"}};
  from.fan_rpm = 900;
  GpuReading to;
  copy_constant_fields(from, to);
  CHECK(to.fan_max_rpm == 3300.0);
  CHECK(to.firmware == from.firmware);
  CHECK_FALSE(to.fan_rpm);
}
