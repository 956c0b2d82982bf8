#include "raid/superblock_names.h"

#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <vector>

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

using Name = std::optional<std::string>;

RaidArray array(std::string name, std::string uuid) {
  RaidArray array;
  array.name = std::move(name);
  array.uuid = std::move(uuid);
  return array;
}

auto in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

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

Name name_of(ArrayNames& names, std::string kernel_name, std::string uuid) {
  std::array arrays{array(std::move(kernel_name), std::move(uuid))};
  Samples samples;
  names.give(arrays, samples, in(1h));
  CHECK(samples.problems().empty());
  return arrays[0].name_in_superblock;
}

}  // namespace

TEST_CASE("An array has the name that mdadm told udev, and udev is asked once") {
  Udev udev{{{"MD_LEVEL", "raid0"}, {"MD_NAME", "rig:data"}, {"MD_DEVNAME", "data"}}};
  auto names = udev.names();
  CHECK(name_of(names, "md127", "a") == "rig:data");
  udev.knows.clear();
  CHECK(name_of(names, "md127", "a") == "rig:data");
  CHECK(udev.asked == 1);
}

TEST_CASE("A volume of imsm has the name of its device") {
  Udev udev{{{"MD_LEVEL", "raid1"}, {"MD_DEVNAME", "Volume0"}}};
  auto names = udev.names();
  CHECK(name_of(names, "md126", "") == "Volume0");
  udev.knows["MD_DEVNAME"] = "Volume1";
  // Without a UUID nobody knows it for the same.
  CHECK(name_of(names, "md126", "") == "Volume1");
}

TEST_CASE("Where udev does not know the array yet it is asked again") {
  Udev udev{{}};
  auto names = udev.names();
  CHECK(name_of(names, "md0", "a") == "");
  udev.knows = {{"MD_NAME", "rig:0"}};
  CHECK(name_of(names, "md0", "a") == "rig:0");
}

TEST_CASE("An array without a name is not asked for again, one made anew is") {
  Udev udev{{{"MD_LEVEL", "raid1"}}};
  auto names = udev.names();
  CHECK(name_of(names, "md0", "a") == "");
  CHECK(name_of(names, "md0", "a") == "");
  CHECK(udev.asked == 1);
  CHECK(name_of(names, "md0", "b") == "");
  CHECK(udev.asked == 2);
}

TEST_CASE("Without udev no array has a name") {
  ArrayNames names(nullptr);
  CHECK(name_of(names, "md0", "a") == "");
}

TEST_CASE("A udev that hangs leaves those unnamed that it has not told of") {
  std::atomic<bool> hangs = false;
  std::promise<void> gate;
  ArrayNames names([&hangs, opened = gate.get_future().share()](const std::string&) {
    if (hangs) opened.wait();
    return UdevProperties{{"MD_NAME", "rig:data"}};
  });
  CHECK(name_of(names, "md0", "a") == "rig:data");
  hangs = true;
  const auto ask = [&](std::chrono::milliseconds time) {
    std::vector arrays{array("md0", "a"), array("md1", "b")};
    Samples samples;
    names.give(arrays, samples, in(time));
    CHECK(arrays[0].name_in_superblock == "rig:data");
    CHECK(samples.problems().empty() == arrays[1].name_in_superblock.has_value());
    return arrays[1].name_in_superblock;
  };
  CHECK_FALSE(ask(10ms));
  CHECK_FALSE(ask(1h));  // not waited for again
  gate.set_value();
  while (!ask(1h)) std::this_thread::sleep_for(1ms);
  CHECK(ask(1h) == "rig:data");
}
