#include "rig/gpu_protocol/gpu_fields.h"

#include <algorithm>
#include <set>
#include <type_traits>

#include "gpu_protocol/full_reading.h"
#include "support/catch.h"

using namespace rig;

namespace {

template <typename T>
constexpr bool kIsNumber =
    std::is_same_v<T, std::optional<double>> || std::is_same_v<T, LabeledNumbers>;

template <typename T>
constexpr bool kIsState = std::is_same_v<T, std::optional<std::string>>;

}  // namespace

TEST_CASE("Each field has a unique name and a unique metric") {
  std::set<std::string_view> names;
  std::set<std::string_view> metrics;
  for_each_gpu_field([&](const auto& field) {
    INFO(field.name);
    CHECK(names.insert(field.name).second);
    if (field.exported()) CHECK(metrics.insert(field.metric.name).second);
  });
}

TEST_CASE("Each exported field explains where it exists and from which files it is read") {
  for_each_gpu_field([](const auto& field) {
    if (!field.exported()) return;
    INFO(field.name);
    CHECK_FALSE(field.where.empty());
    CHECK_FALSE((field.sysfs[0].path.empty() && field.other_files.empty()));
  });
}

TEST_CASE("A plain sysfs file has a key exactly if its field has labels") {
  for_each_gpu_field([]<typename T>(const GpuField<T>& field) {
    INFO(field.name);
    for (const SysfsFile& file : field.sysfs) {
      if (file.path.empty()) continue;
      CHECK((kIsNumber<T> || kIsState<T>));
      CHECK(file.key.empty() != std::is_same_v<T, LabeledNumbers>);
    }
  });
}

TEST_CASE("Only numbers and states can be taken from librocm_smi64") {
  for_each_gpu_field([]<typename T>(const GpuField<T>& field) {
    INFO(field.name);
    CHECK((field.rocm_smi.empty() || kIsNumber<T> || kIsState<T>));
  });
}

TEST_CASE("A state set has a member for unknown states") {
  for_each_gpu_field([]<typename T>(const GpuField<T>& field) {
    INFO(field.name);
    CHECK(field.states.empty() != kIsState<T>);
    if (kIsState<T>) CHECK(std::ranges::count(field.states, "other") == 1);
  });
}

TEST_CASE("Fields and members of a reading are the same") {
  const GpuReading reading = with_all_fields({});
  CHECK(reading.fan_rpm == reading.*gpu_field::fan_rpm.member);
  CHECK(reading.busy_ratio == reading.*gpu_field::busy_ratio.member);
  CHECK(gpu_field::fan_rpm.name == std::string_view("fan_rpm"));
}
