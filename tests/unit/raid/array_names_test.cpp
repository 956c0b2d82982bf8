#include "array_names.h"

#include "catch.h"

using namespace rig;

namespace {

// A udev whose knowledge can be changed, and that counts who asks.
struct Udev {
  UdevProperties knows;
  int asked = 0;

  ArrayNames names() {
    return ArrayNames([this](const std::string&) {
      ++asked;
      return knows;
    });
  }
};

}  // namespace

TEST_CASE("An array has the name that mdadm told udev, and udev is asked once") {
  Udev udev{{{"MD_LEVEL", "raid0"}, {"MD_NAME", "rig:data"}, {"MD_DEVNAME", "data"}}};
  auto names = udev.names();
  CHECK(names.of("md127", "a") == "rig:data");
  udev.knows.clear();
  CHECK(names.of("md127", "a") == "rig:data");
  CHECK(udev.asked == 1);
}

TEST_CASE("A volume of imsm has the name of its device") {
  Udev udev{{{"MD_LEVEL", "raid1"}, {"MD_DEVNAME", "Volume0"}}};
  auto names = udev.names();
  CHECK(names.of("md126", "") == "Volume0");
  udev.knows["MD_DEVNAME"] = "Volume1";
  CHECK(names.of("md126", "") == "Volume1");  // without a UUID nobody knows it for the same
}

TEST_CASE("Where udev does not know the array yet it is asked again") {
  Udev udev{{}};
  auto names = udev.names();
  CHECK(names.of("md0", "a").empty());
  udev.knows = {{"MD_NAME", "rig:0"}};
  CHECK(names.of("md0", "a") == "rig:0");
}

TEST_CASE("An array without a name is not asked for again, one made anew is") {
  Udev udev{{{"MD_LEVEL", "raid1"}}};
  auto names = udev.names();
  CHECK(names.of("md0", "a").empty());
  CHECK(names.of("md0", "a").empty());
  CHECK(udev.asked == 1);
  CHECK(names.of("md0", "b").empty());
  CHECK(udev.asked == 2);
}
