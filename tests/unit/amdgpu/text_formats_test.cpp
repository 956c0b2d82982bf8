#include "rig/amdgpu/text_formats.h"

#include <string>

#include "support/catch.h"

using namespace rig;

TEST_CASE("The marked level of a clock table is the current one") {
  const auto table = parse_dpm_table("0: 96Mhz *\n1: 456Mhz \n2: 673Mhz \n3: 1000Mhz \n");
  REQUIRE(table);
  CHECK(table->current_hertz == 96e6);
  CHECK(table->plain);
}

TEST_CASE("A clock that is switched off is 0, with minimum and maximum") {
  const auto table = parse_dpm_table("0: 500Mhz \n1: 0Mhz *\n2: 2475Mhz \n");
  REQUIRE(table);
  CHECK(table->current_hertz == 0.0);
}

TEST_CASE("Between two levels, none is marked") {
  const auto table = parse_dpm_table("0: 96Mhz\n1: 1000Mhz\n");
  REQUIRE(table);
  CHECK_FALSE(table->current_hertz);
  CHECK(table->plain);
}

TEST_CASE("Tables that abort librocm_smi64 are parsed and are not plain") {
  SECTION("a deep-sleep level") {
    const auto table = parse_dpm_table("S: 19Mhz *\n0: 615Mhz\n1: 2400Mhz\n");
    REQUIRE(table);
    CHECK(table->current_hertz == 19e6);
    CHECK_FALSE(table->plain);
  }
  SECTION("a deep-sleep level before levels that are numbered from 1") {
    const auto table = parse_dpm_table("S: 12Mhz *\n1: 96Mhz \n2: 1000Mhz \n");
    REQUIRE(table);
    CHECK(table->current_hertz == 12e6);
    CHECK(table->min_hertz == 96e6);
  }
  SECTION("a clock between the limits of a fine-grained table") {
    const auto table = parse_dpm_table("F: 1733Mhz *\n0: 500Mhz \n1: 2475Mhz \n");
    REQUIRE(table);
    CHECK(table->current_hertz == 1733e6);
    CHECK(table->max_hertz == 2475e6);
    CHECK_FALSE(table->plain);
  }
  SECTION("a level without a number") {
    const auto table = parse_dpm_table("0: 96Mhz\n   1066Mhz *\n");
    REQUIRE(table);
    CHECK(table->current_hertz == 1066e6);
    CHECK_FALSE(table->plain);
  }
  SECTION("more than 32 levels") {
    std::string text;
    for (int i = 0; i < 33; ++i)
      text += std::to_string(i) + ": 100Mhz " + (i == 0 ? "*" : "") + "\n";
    const auto table = parse_dpm_table(text);
    REQUIRE(table);
    CHECK(table->current_hertz == 100e6);
    CHECK_FALSE(table->plain);
  }
  SECTION("levels out of order") { CHECK_FALSE(parse_dpm_table("1: 96Mhz *\n0: 100Mhz\n")->plain); }
}

TEST_CASE("An empty clock table has no level and is not plain") {
  const auto table = parse_dpm_table("");
  REQUIRE(table);
  CHECK_FALSE(table->current_hertz);
  CHECK_FALSE(table->plain);
}

TEST_CASE("A malformed clock table is rejected") {
  CHECK_FALSE(parse_dpm_table("garbage\n"));
  CHECK_FALSE(parse_dpm_table("0: 96\n"));
  CHECK_FALSE(parse_dpm_table("0: -5Mhz *\n"));
  CHECK_FALSE(parse_dpm_table("0: Mhz *\n"));
  CHECK_FALSE(parse_dpm_table("X: 96Mhz *\n"));
  CHECK_FALSE(parse_dpm_table("0: 99999999999Mhz *\n"));
}

TEST_CASE("Several marked levels of the same frequency are one clock") {
  const auto table = parse_dpm_table("0: 800Mhz *\n1: 800Mhz *\n2: 2100Mhz \n");
  REQUIRE(table);
  CHECK(table->current_hertz == 800e6);
  CHECK(table->min_hertz == 800e6);
  CHECK(table->max_hertz == 2100e6);
  CHECK_FALSE(table->plain);  // librocm_smi64 expects one
  const auto asleep = parse_dpm_table("S: 19Mhz *\n0: 19Mhz *\n1: 2400Mhz \n");
  REQUIRE(asleep);
  CHECK(asleep->current_hertz == 19e6);
}

TEST_CASE("Marked levels that are near the same clock are one clock") {
  const auto arcturus = parse_dpm_table("0: 1000Mhz *\n1: 1001Mhz *\n2: 1200Mhz \n");
  REQUIRE(arcturus);
  CHECK(arcturus->current_hertz == 1000e6);
  CHECK(arcturus->max_hertz == 1200e6);
  CHECK_FALSE(arcturus->plain);
  // 1 and 2 are within 25 MHz of a clock of 520 MHz.
  const auto near = parse_dpm_table("0: 480Mhz \n1: 500Mhz *\n2: 533Mhz *\n3: 560Mhz \n");
  REQUIRE(near);
  CHECK(near->current_hertz == 500e6);
}

TEST_CASE("Marked levels of different frequencies contradict each other") {
  CHECK_FALSE(parse_dpm_table("0: 96Mhz *\n1: 147Mhz *\n"));
  CHECK_FALSE(parse_dpm_table("0: 96Mhz *\n1: 96Mhz *\n2: 1000Mhz *\n"));
  CHECK_FALSE(parse_dpm_table("0: 500Mhz *\n1: 540Mhz *\n2: 580Mhz *\n"));
}

TEST_CASE("A clock table that was truncated is rejected") {
  for (const char* text :
       {"0: 96Mhz *\n1: 456Mhz \n2: 10", "0: 96Mhz *\n1: 456Mhz", "0: 96Mhz *"}) {
    INFO(text);
    CHECK_FALSE(parse_dpm_table(text));
  }
}

TEST_CASE("A uevent value is found by its complete key") {
  const std::string text = "DRIVER=amdgpu\nPCI_ID=1002:73BF\nPCI_SLOT_NAME=0000:03:00.0\n";
  CHECK(uevent_value(text, "PCI_SLOT_NAME") == "0000:03:00.0");
  CHECK(uevent_value(text, "PCI").empty());
  CHECK(uevent_value("", "PCI_ID").empty());
  CHECK(uevent_value("DRIVER=amdgpu\nPCI_ID=1002:73", "PCI_ID").empty());  // truncated
}

TEST_CASE("A PCI address consists of domain, bus, device and function") {
  CHECK(is_pci_address("0000:03:00.0"));
  CHECK(is_pci_address("10000:e1:1f.7"));  // behind a volume management device
  CHECK_FALSE(is_pci_address("03:00.0"));
  CHECK_FALSE(is_pci_address("amdgpu_xcp_1"));
  CHECK_FALSE(is_pci_address("0000:03:00.0 "));
  CHECK_FALSE(is_pci_address(""));
}

TEST_CASE("A unique ID has the format of rocm-smi") {
  CHECK(parse_unique_id("4d2b1c0f3a5e6879") == "0x4d2b1c0f3a5e6879");
  CHECK(parse_unique_id("00000000000000ff") == "0xff");
  CHECK(parse_unique_id("0") == "");  // a GPU without a unique ID
  CHECK_FALSE(parse_unique_id("xyz"));
  CHECK_FALSE(parse_unique_id("4d2b1c0f3a5e68790"));  // 65 bits
}

TEST_CASE("Temperature labels become label values of the metric") {
  CHECK(temperature_sensor("mem") == "memory");
  CHECK(temperature_sensor("edge") == "edge");
  CHECK(temperature_sensor("HBM0").empty());
}

TEST_CASE("Marketing names differ by revision") {
  constexpr std::string_view kIds =
      "# List of AMDGPU IDs\n\n1.0.0\n73BF,\tC1,\tAMD Radeon RX 6800 XT\n73BF,\tC3,\tAMD Radeon RX "
      "6800\n73DF,\tC0,\tAMD Radeon RX 6750 XT\n";
  CHECK(find_marketing_name(kIds, "0x73bf", "0xc3") == "AMD Radeon RX 6800");
  CHECK(find_marketing_name(kIds, "0x73bf", "0xc1") == "AMD Radeon RX 6800 XT");
  CHECK(find_marketing_name(kIds, "0x73bf", "0x00").empty());
  CHECK(find_marketing_name(kIds, "", "").empty());
}

TEST_CASE("A descending table has the lower limit as minimum") {
  const auto table = parse_dpm_table("0: 1600Mhz\n1: 1066Mhz\n2: 800Mhz\n3: 400Mhz *\n");
  REQUIRE(table);
  CHECK(table->min_hertz == 400e6);
  CHECK(table->max_hertz == 1600e6);
}

TEST_CASE("A current clock between two limits is not a limit") {
  const auto table = parse_dpm_table("0: 500Mhz\n1: 0Mhz *\n2: 2475Mhz\n");
  REQUIRE(table);
  CHECK(table->min_hertz == 500e6);
  CHECK(table->max_hertz == 2475e6);
}
