#include "gpu_probe/capture/anonymize.h"

#include <set>

#include "rig/amdgpu/text_formats.h"
#include "support/catch.h"

using namespace rig;

namespace {

constexpr const char* kId = "4d2b1c0f3a5e6879";

}  // namespace

TEST_CASE("The pseudonym of a unique_id has its format and is deterministic") {
  const auto pseudonym = pseudonym_text(kId);
  CHECK(pseudonym != kId);
  CHECK(pseudonym.size() == 16);
  CHECK(parse_unique_id(pseudonym) == "0x" + pseudonym);
  CHECK(pseudonym_text(kId) == pseudonym);
}

TEST_CASE("Similar identifiers have different pseudonyms without a common part") {
  std::set<std::string> pseudonyms;
  for (std::uint64_t id = 0x4d2b1c0f3a5e6800; id < 0x4d2b1c0f3a5e6840; ++id)
    pseudonyms.insert(std::to_string(pseudonym_number(id)).substr(0, 6));
  CHECK(pseudonyms.size() > 60);
}

TEST_CASE("KFD's decimal identifier gets the same pseudonym as the GPU's own file") {
  const auto properties =
      anonymize("nodes/1/properties", "hive_id 0\nunique_id 5560569016648362105\nfw_version 106\n");
  const auto expected = std::stoull(pseudonym_text(kId), nullptr, 16);
  CHECK(properties.text ==
        "hive_id 0\nunique_id " + std::to_string(expected) + "\nfw_version 106\n");
  CHECK(properties.replaced == std::vector<std::string>{"unique_id"});
}

TEST_CASE("A hive ID is an identifier") {
  const auto properties = anonymize("nodes/1/properties", "hive_id 9876543210\n");
  CHECK(properties.text == "hive_id " + std::to_string(pseudonym_number(9876543210)) + "\n");
  CHECK(properties.replaced == std::vector<std::string>{"hive_id"});
}

TEST_CASE("A serial number that equals the unique_id gets the same pseudonym") {
  CHECK(anonymize("serial_number", "4d2b1c0f3a5e6879\n").text == pseudonym_text(kId) + "\n");
  CHECK(anonymize("unique_id", "4d2b1c0f3a5e6879\n").text == pseudonym_text(kId) + "\n");
}

TEST_CASE("In a serial number digits stay digits and letters stay letters") {
  const std::string serial = "PCB052044-0099 xy";
  const std::string pseudonym = pseudonym_text(serial);
  CHECK(pseudonym != serial);
  REQUIRE(pseudonym.size() == serial.size());
  for (std::size_t i = 0; i < serial.size(); ++i) {
    CHECK(std::isdigit(pseudonym[i]) == std::isdigit(serial[i]));
    CHECK(std::isupper(pseudonym[i]) == std::isupper(serial[i]));
  }
  CHECK(pseudonym[9] == '-');
  CHECK(pseudonym[14] == ' ');
}

TEST_CASE("Other text does not become a hexadecimal number") {
  CHECK_FALSE(parse_unique_id(pseudonym_text("not a number")));
}

TEST_CASE("A missing identifier stays missing and is not listed as replaced") {
  for (const char* none : {"", "\n", "0", "0000000000000000\n"}) {
    const auto result = anonymize("unique_id", none);
    CHECK(result.text == none);
    CHECK(result.replaced.empty());
  }
}

TEST_CASE("Other files are not changed") {
  const std::string table("\x78\0\1\3 unique_id 5\n", 17);
  CHECK(anonymize("gpu_metrics", table).text == table);
  CHECK(anonymize("vbios_version", "113-D4120100-100\n").text == "113-D4120100-100\n");
}
