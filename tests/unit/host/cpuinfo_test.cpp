#include "host/cpuinfo.h"

#include <map>

#include "support/catch.h"

using namespace rig;

TEST_CASE("Model, vendor and microcode of an x86 CPU are read") {
  const auto cpu = parse_cpuinfo(
      "processor\t: 0\n"
      "vendor_id\t: GenuineIntel\n"
      "model\t\t: 94\n"
      "model name\t: Intel(R) Core(TM) i7-6700 CPU @ 3.40GHz\n"
      "microcode\t: 0xf0\n"
      "\n"
      "processor\t: 1\n"
      "model name\t: another\n");
  CHECK(cpu.model == "Intel(R) Core(TM) i7-6700 CPU @ 3.40GHz");
  CHECK(cpu.vendor == "GenuineIntel");
  CHECK(cpu.microcode == "0xf0");
}

TEST_CASE("An ARM CPU without a model name is identified by implementer and part") {
  const auto cpu = parse_cpuinfo(
      "processor\t: 0\n"
      "BogoMIPS\t: 50.00\n"
      "CPU implementer\t: 0x41\n"
      "CPU architecture: 8\n"
      "CPU variant\t: 0x3\n"
      "CPU part\t: 0xd0c\n");
  CHECK(cpu.model == "0xd0c");
  CHECK(cpu.vendor == "0x41");
  CHECK(cpu.microcode.empty());
}

TEST_CASE("Model and vendor are empty if cpuinfo does not contain them") {
  const auto cpu = parse_cpuinfo("processor\t: 0\nhart\t\t: 2\n\n");
  CHECK(cpu.model.empty());
  CHECK(cpu.vendor.empty());
}

TEST_CASE("cpu MHz is measured only with the flag aperfmperf") {
  CHECK(measures_frequency("processor\t: 0\nflags\t\t: fpu tsc aperfmperf ssse3\n"));
  CHECK_FALSE(measures_frequency("processor\t: 0\nflags\t\t: fpu tsc hypervisor\n"));
  CHECK_FALSE(measures_frequency("processor\t: 0\n"));
}

TEST_CASE("cpu MHz belongs to the preceding processor line, and 0 is ignored") {
  const auto hertz = parse_cpu_hertz(
      "processor\t: 0\ncpu MHz\t\t: 2394.500\n\n"
      "processor\t: 4\ncpu MHz\t\t: 800.000\n\n"
      "processor\t: 5\ncpu MHz\t\t: 0.000\n\n"
      "processor\t: 6\ncpu MHz\t\t: fast\n");
  CHECK(hertz == std::map<unsigned, double>{{0, 2394.5e6}, {4, 800e6}});
}
