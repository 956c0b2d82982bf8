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

auto in(std::chrono::milliseconds timeout) { return std::chrono::steady_clock::now() + timeout; }

// A fake udev with changeable properties that counts the queries.
struct Udev {
  UdevProperties properties;
  int queries = 0;

  SuperblockNames names() {
    return SuperblockNames([this](const std::string&) {
      ++queries;
      return properties;
    });
  }
};

Name name_of(SuperblockNames& names, std::string kernel_name, std::string uuid) {
  std::array arrays{array(std::move(kernel_name), std::move(uuid))};
  Samples samples;
  names.fill_in(arrays, samples, in(1h));
  CHECK(samples.problems().empty());
  return arrays[0].name_in_superblock;
}

}  // namespace

TEST_CASE("An array has the name that udev knows, and udev is queried once") {
  Udev udev{{{"MD_LEVEL", "raid0"}, {"MD_NAME", "rig:data"}, {"MD_DEVNAME", "data"}}};
  auto names = udev.names();
  CHECK(name_of(names, "md127", "a") == "rig:data");
  udev.properties.clear();
  CHECK(name_of(names, "md127", "a") == "rig:data");
  CHECK(udev.queries == 1);
}

TEST_CASE("An imsm volume has the name of its device") {
  Udev udev{{{"MD_LEVEL", "raid1"}, {"MD_DEVNAME", "Volume0"}}};
  auto names = udev.names();
  CHECK(name_of(names, "md126", "") == "Volume0");
  udev.properties["MD_DEVNAME"] = "Volume1";
  // It has no UUID, so its name is not cached.
  CHECK(name_of(names, "md126", "") == "Volume1");
}

TEST_CASE("udev is queried again until it knows the array") {
  Udev udev{{}};
  auto names = udev.names();
  CHECK(name_of(names, "md0", "a") == "");
  udev.properties = {{"MD_NAME", "rig:0"}};
  CHECK(name_of(names, "md0", "a") == "rig:0");
}

TEST_CASE("An array without a name is not queried again unless it was re-created") {
  Udev udev{{{"MD_LEVEL", "raid1"}}};
  auto names = udev.names();
  CHECK(name_of(names, "md0", "a") == "");
  CHECK(name_of(names, "md0", "a") == "");
  CHECK(udev.queries == 1);
  CHECK(name_of(names, "md0", "b") == "");
  CHECK(udev.queries == 2);
}

TEST_CASE("Without udev no array has a name") {
  SuperblockNames names(nullptr);
  CHECK(name_of(names, "md0", "a") == "");
}

TEST_CASE("While udev hangs, arrays whose names are not cached have none") {
  std::atomic<bool> hangs = false;
  std::promise<void> gate;
  SuperblockNames names([&hangs, opened = gate.get_future().share()](const std::string&) {
    if (hangs) opened.wait();
    return UdevProperties{{"MD_NAME", "rig:data"}};
  });
  CHECK(name_of(names, "md0", "a") == "rig:data");
  hangs = true;
  const auto second_name = [&](std::chrono::milliseconds timeout) {
    std::vector arrays{array("md0", "a"), array("md1", "b")};
    Samples samples;
    names.fill_in(arrays, samples, in(timeout));
    CHECK(arrays[0].name_in_superblock == "rig:data");
    CHECK(samples.problems().empty() == arrays[1].name_in_superblock.has_value());
    return arrays[1].name_in_superblock;
  };
  CHECK_FALSE(second_name(10ms));
  CHECK_FALSE(second_name(1h));  // does not wait again
  gate.set_value();
  while (!second_name(1h)) std::this_thread::sleep_for(1ms);
  CHECK(second_name(1h) == "rig:data");
}
