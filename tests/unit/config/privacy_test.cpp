#include "rig/config/privacy.h"

#include "support/catch.h"

using namespace rig;

namespace {

Privacy privacy_of_service(bool strangers) {
  Privacy privacy;
  privacy.serves_strangers = [strangers] { return strangers; };
  return privacy;
}

}  // namespace

TEST_CASE("Only loopback addresses and sockets of the file system are out of others' reach") {
  using Addresses = std::vector<std::string>;
  CHECK_FALSE(reachable_from_elsewhere(Addresses{"127.0.0.1:0", "[::1]:1", "localhost:2"}));
  CHECK_FALSE(reachable_from_elsewhere(Addresses{"127.8.9.10:1"}));
  CHECK_FALSE(reachable_from_elsewhere(Addresses{"[::ffff:127.0.0.1]:1"}));
  CHECK_FALSE(reachable_from_elsewhere(Addresses{"unix:/run/rig.sock", "unix:@abstract"}));
  for (const auto* address : {":10068", "0.0.0.0:1", "[::]:1", "192.168.1.2:1", "[fe80::1]:1",
                              "[::ffff:10.0.0.1]:1", "localhost.lan:1", "rig:1", "128.0.0.1:1"}) {
    INFO(address);
    CHECK(reachable_from_elsewhere(Addresses{address}));
    CHECK(reachable_from_elsewhere(Addresses{"127.0.0.1:1", address}));
  }
}

TEST_CASE("By default nothing is omitted unless strangers are served") {
  for (const auto& privacy : {Privacy(), privacy_of_service(false)}) {
    CHECK(privacy.shows_serial_numbers());
    CHECK(privacy.gpu_process_labels() == GpuProcessLabels::all);
    CHECK(omissions(privacy).empty());
  }
  const auto privacy = privacy_of_service(true);
  CHECK_FALSE(privacy.shows_serial_numbers());
  CHECK(privacy.gpu_process_labels() == GpuProcessLabels::pid);
  CHECK(omissions(privacy).size() == 2);
}

TEST_CASE("An explicit setting holds whoever is served") {
  for (const bool strangers : {false, true}) {
    auto privacy = privacy_of_service(strangers);
    privacy.serial_numbers = SerialNumbers::omit;
    privacy.gpu_processes = GpuProcessLabels::none;
    CHECK_FALSE(privacy.shows_serial_numbers());
    CHECK(privacy.gpu_process_labels() == GpuProcessLabels::none);
    CHECK(omissions(privacy).size() == 2);
    privacy.serial_numbers = SerialNumbers::show;
    privacy.gpu_processes = GpuProcessLabels::all;
    CHECK(privacy.shows_serial_numbers());
    CHECK(omissions(privacy).empty());
  }
}

TEST_CASE("What is omitted follows the users while the exporter runs") {
  bool strangers = false;
  Privacy privacy;
  privacy.serves_strangers = [&] { return strangers; };
  CHECK(privacy.shows_serial_numbers());
  strangers = true;
  CHECK_FALSE(privacy.shows_serial_numbers());
}
