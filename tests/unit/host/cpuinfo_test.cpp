#include "host/cpuinfo.h"

#include <map>

#include "support/catch.h"
#include "support/collect.h"

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

TEST_CASE("The model of a CPU is found on every architecture") {
  const auto [text, model] = GENERATE(
      std::pair("processor\t: 0\ncpu\t\t: POWER9 (raw), altivec supported\nclock\t: 3800.0MHz\n\n"
                "timebase\t: 512000000\nmodel\t\t: 9006-22P\nmachine\t\t: PowerNV 9006-22P\n",
                "POWER9 (raw), altivec supported"),
      std::pair("processor\t: 0\nhart\t: 1\nuarch\t: sifive,u74-mc\n", "sifive,u74-mc"),
      std::pair("system type\t: generic-loongson-machine\nprocessor\t: 0\n"
                "CPU Family\t: Loongson-64bit\nModel Name\t: Loongson-3A5000\n",
                "Loongson-3A5000"),
      std::pair("system type\t: MediaTek MT7621 ver:1 eco:3\nprocessor\t: 0\n"
                "cpu model\t: MIPS 1004Kc V2.15\n",
                "MIPS 1004Kc V2.15"),
      std::pair("cpu\t\t: Alpha\ncpu model\t\t: EV67\n", "EV67"),
      std::pair("CPU:\t\t68040\nMMU:\t\t68040\n", "68040"),
      std::pair("machine\t\t: SH-X\nprocessor\t: 0\ncpu family\t: sh4a\ncpu type\t: SH7785\n",
                "SH7785"),
      std::pair("processor\t: 0\ncpu family\t: PA-RISC 2.0\ncpu\t\t: PA8800 (Mako)\n",
                "PA8800 (Mako)"),
      std::pair("cpu\t\t: UltraSparc T5 (Niagara5)\nfpu\t\t: UltraSparc T5 integrated FPU\n",
                "UltraSparc T5 (Niagara5)"),
      std::pair("vendor_id       : IBM/S390\n# processors    : 2\nfeatures\t: esan3 zarch\n"
                "processor 0: version = FF,  identification = 0133E8,  machine = 2964\n",
                "2964"),
      std::pair("model name\t:\nHardware\t: BCM2711\nModel\t: Raspberry Pi 4 Model B\n",
                "BCM2711"));
  CHECK(parse_cpuinfo(text).model == model);
}

TEST_CASE("A CPU without a name has the identifier of its model or architecture") {
  const auto [text, model] = GENERATE(
      std::pair("processor\t: 0\nisa\t: rv64imafdcv\nmvendorid\t: 0x5b7\nmarchid\t: 0x914d00\n",
                "0x914d00"),
      std::pair("vendor_id\t: Tensilica\nmodel\t\t: Xtensa LX4.0.1\n", "Xtensa LX4.0.1"),
      std::pair("processor\t: 0\narchitecture\t: OpenRISC 1000 (1.0-rev0)\n",
                "OpenRISC 1000 (1.0-rev0)"),
      std::pair("processor\t: 0\nhart\t: 0\nisa\t: rv64gc\n", "rv64gc"));
  CHECK(parse_cpuinfo(text).model.empty());  // the device tree may have a name
  CHECK(model_identifier(text) == model);
}

TEST_CASE("The vendor of a RISC-V CPU is its mvendorid") {
  CHECK(parse_cpuinfo("processor\t: 0\nmvendorid\t: 0x489\n").vendor == "0x489");
}

TEST_CASE("The device tree names the machine, with NUL at the end of each string") {
  using namespace std::string_view_literals;
  const TemporaryDirectory machine;
  CHECK(read_device_tree_model(roots_in(machine)).empty());
  machine.write("sys/firmware/devicetree/base/compatible", "starfive,jh7110\0starfive,x\0"sv);
  CHECK(read_device_tree_model(roots_in(machine)) == "starfive,jh7110");
  machine.write("sys/firmware/devicetree/base/model", "StarFive VisionFive 2\0"sv);
  CHECK(read_device_tree_model(roots_in(machine)) == "StarFive VisionFive 2");
  machine.write("proc/device-tree/model", "\0"sv);
  CHECK(read_device_tree_model(roots_in(machine)) == "StarFive VisionFive 2");
}
