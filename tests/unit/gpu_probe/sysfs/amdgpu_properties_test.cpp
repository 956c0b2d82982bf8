#include "gpu_probe/sysfs/amdgpu_properties.h"

#include "gpu_probe/sysfs/amdgpu_rig.h"
#include "support/catch.h"

using namespace rig;

TEST_CASE("A temperature limit that was never set is absent") {
  const BareRig rig;
  RigCopy::write(rig.hwmon() / "temp1_crit", "0\n");
  RigCopy::write(rig.hwmon() / "temp1_emergency", "-273150\n");
  const auto reading = read(rig);
  CHECK_FALSE(reading.temperature_limit_celsius.contains("edge"));
  CHECK(reading.temperature_limit_celsius.contains("junction"));
  CHECK(reading.problems.empty());
}

TEST_CASE("The product name of the GPU takes precedence over the marketing name") {
  const RigCopy rig;
  const auto named = [](std::string_view, std::string_view, std::string_view) {
    return std::string("from a list");
  };
  const auto card = list_amdgpu_cards(rig.sys()).at(0);
  CHECK(AmdgpuSysfs(card, named).read().value().reading.identity.name == "from a list");
  RigCopy::write(rig.gpu() / "product_name", "AMD Instinct MI210\n");
  CHECK(AmdgpuSysfs(card, named).read().value().reading.identity.name == "AMD Instinct MI210");
}
