#include "gpu_probe/capture/anonymous.h"

#include <set>

#include "rig/amdgpu/text_formats.h"
#include "support/catch.h"

using namespace rig;

namespace {

constexpr const char* kId = "4d2b1c0f3a5e6879";

}  // namespace

TEST_CASE("A made-up unique_id has the form of one, and is always the same") {
  const auto made_up = made_up_text(kId);
  CHECK(made_up != kId);
  CHECK(made_up.size() == 16);
  CHECK(parse_unique_id(made_up) == "0x" + made_up);
  CHECK(made_up_text(kId) == made_up);
}

TEST_CASE("Neighbouring identifiers stay different, and no part of one is left") {
  std::set<std::string> made_up;
  for (std::uint64_t id = 0x4d2b1c0f3a5e6800; id < 0x4d2b1c0f3a5e6840; ++id)
    made_up.insert(std::to_string(made_up_number(id)).substr(0, 6));
  CHECK(made_up.size() > 60);
}

TEST_CASE("The identifier that KFD writes in decimals is the one of the card's own file") {
  const auto properties =
      anonymous("nodes/1/properties", "hive_id 0\nunique_id 5560569016648362105\nfw_version 106\n");
  const auto expected = std::stoull(made_up_text(kId), nullptr, 16);
  CHECK(properties.text ==
        "hive_id 0\nunique_id " + std::to_string(expected) + "\nfw_version 106\n");
  CHECK(properties.replaced == std::vector<std::string>{"unique_id"});
}

TEST_CASE("A hive is an identifier, too") {
  const auto properties = anonymous("nodes/1/properties", "hive_id 9876543210\n");
  CHECK(properties.text == "hive_id " + std::to_string(made_up_number(9876543210)) + "\n");
  CHECK(properties.replaced == std::vector<std::string>{"hive_id"});
}

TEST_CASE("The serial number of a card that takes its unique_id for one stays the same as that") {
  CHECK(anonymous("serial_number", "4d2b1c0f3a5e6879\n").text == made_up_text(kId) + "\n");
  CHECK(anonymous("unique_id", "4d2b1c0f3a5e6879\n").text == made_up_text(kId) + "\n");
}

TEST_CASE("In a serial number digits stay digits and letters letters") {
  const std::string serial = "PCB052044-0099 xy";
  const std::string made_up = made_up_text(serial);
  CHECK(made_up != serial);
  REQUIRE(made_up.size() == serial.size());
  for (std::size_t i = 0; i < serial.size(); ++i) {
    CHECK(std::isdigit(made_up[i]) == std::isdigit(serial[i]));
    CHECK(std::isupper(made_up[i]) == std::isupper(serial[i]));
  }
  CHECK(made_up[9] == '-');
  CHECK(made_up[14] == ' ');
}

TEST_CASE("What is no hexadecimal number does not become one") {
  CHECK_FALSE(parse_unique_id(made_up_text("not a number")));
}

TEST_CASE("No identifier is none afterwards, and nothing is said to be replaced") {
  for (const char* none : {"", "\n", "0", "0000000000000000\n"}) {
    const auto result = anonymous("unique_id", none);
    CHECK(result.text == none);
    CHECK(result.replaced.empty());
  }
}

TEST_CASE("Other files are left as they are") {
  const std::string table("\x78\0\1\3 unique_id 5\n", 17);
  CHECK(anonymous("gpu_metrics", table).text == table);
  CHECK(anonymous("vbios_version", "113-D4120100-100\n").text == "113-D4120100-100\n");
}
