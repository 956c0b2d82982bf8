#include "doctor/check_inputs.h"
#include "doctor/checks.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("rocm-smi does not find a GPU without a KFD node") {
  const auto findings = check_kfd(input_for(rig_directory("raven-and-navi")));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].level == Level::note);
  CHECK_THAT(findings[0].what, ContainsSubstring("0000:09:00.0 has no KFD node"));
}

TEST_CASE("GPUs without KFD nodes are listed together") {
  const TemporaryDirectory root;
  std::filesystem::create_directories(root.path() / "sys/class/kfd/kfd/topology/nodes/0");
  for (const std::string number : {"3", "6"}) {
    const std::string address = "0000:0" + number + ":00.0";
    root.write("sys/devices/" + address + "/vendor", "0x1002\n");
    std::filesystem::create_directories(root.path() / ("sys/class/drm/card" + number));
    std::filesystem::create_symlink("../../../devices/" + address,
                                    root.path() / ("sys/class/drm/card" + number + "/device"));
  }
  const auto findings = check_kfd(input_for(root.path()));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].what ==
        "0000:03:00.0, 0000:06:00.0 have no KFD nodes: rocm-smi does not find them, so they are "
        "read from sysfs");
}

TEST_CASE("A machine with a GPU and without KFD needs a kernel option") {
  const TemporaryDirectory root;
  root.write("sys/devices/0000:03:00.0/vendor", "0x1002\n");
  std::filesystem::create_directories(root.path() / "sys/class/drm/card0");
  std::filesystem::create_symlink("../../../devices/0000:03:00.0",
                                  root.path() / "sys/class/drm/card0/device");
  const auto missing = check_kfd(input_for(root.path()));
  REQUIRE(missing.size() == 1);
  CHECK_THAT(missing[0].advice, ContainsSubstring("CONFIG_HSA_AMD"));

  // Root may read every file; reading a directory fails for every user.
  std::filesystem::create_directories(root.path() /
                                      "sys/class/kfd/kfd/topology/nodes/1/properties");
  const auto unreadable = check_kfd(input_for(root.path()));
  REQUIRE(unreadable.size() == 1);
  CHECK_THAT(unreadable[0].what, ContainsSubstring("KFD cannot be read"));
  CHECK_THAT(unreadable[0].advice, ContainsSubstring("--device /dev/kfd"));
}

TEST_CASE("A device file that is missing in a container is a note") {
  const TemporaryDirectory dev;
  dev.write("kfd", "");
  const AmdgpuCard card{"0000:03:00.0", "card0", "renderD128", "", ""};
  const auto findings = check_device_files_in(dev.path(), std::vector{card});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].level == Level::note);
  CHECK_THAT(findings[0].what, ContainsSubstring("dri/renderD128 does not exist"));

  dev.write("dri/renderD128", "");
  CHECK(check_device_files_in(dev.path(), std::vector{card}).at(0).level == Level::ok);
}
