#include "gpu_probe/merge.h"

#include "gpu_probe/fake_gpu_library.h"
#include "support/catch.h"

using namespace rig;

TEST_CASE("A value of the library replaces that of sysfs") {
  auto sysfs = reading_of("a");
  sysfs.power_watts = 5;
  sysfs.power_cap_watts = 203;
  sysfs.clock_hertz = {{"sclk", 1}, {"mclk", 2}};
  auto library = reading_of("a");
  library.power_watts = 6;
  library.clock_hertz = {{"sclk", 3}};
  const auto both = merged(sysfs, library);
  CHECK(both.power_watts == 6.0);
  CHECK(both.power_cap_watts == 203.0);
  CHECK(both.clock_hertz == std::map<std::string, double>{{"mclk", 2}, {"sclk", 3}});
}

TEST_CASE("Implausible values of the library are ignored") {
  auto sysfs = reading_of("a");
  sysfs.temperature_celsius = {{"edge", 27}};
  sysfs.power_watts = 5;
  auto library = reading_of("a");
  library.temperature_celsius = {{"edge", 511}};
  library.power_watts = 4294967.295;
  library.busy_ratio = {{"gfx", 0}};  // returned even if the read was rejected
  const auto both = merged(sysfs, library);
  CHECK(both.temperature_celsius.at("edge") == 27);
  CHECK(both.power_watts == 5.0);
  CHECK(both.busy_ratio.empty());
}
