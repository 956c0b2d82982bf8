#include "doctor/check_inputs.h"
#include "doctor/checks.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

// A machine with one PCI function that is a display controller.
class OneFunction {
 public:
  explicit OneFunction(std::string_view driver = "", std::string_view vendor = "0x1002") {
    root_.write("sys/bus/pci/devices/0000:03:00.0/class", "0x030000\n");
    root_.write("sys/bus/pci/devices/0000:03:00.0/device", "0x73bf\n");
    root_.write("sys/bus/pci/devices/0000:03:00.0/vendor", vendor);
    if (!driver.empty())
      std::filesystem::create_symlink(driver,
                                      root_.path() / "sys/bus/pci/devices/0000:03:00.0/driver");
  }

  const TemporaryDirectory& root() const { return root_; }

  Finding finding() const {
    const auto findings = check_gpu_devices(input_for(root_.path()));
    REQUIRE(findings.size() == 1);
    return findings.front();
  }

 private:
  TemporaryDirectory root_;
};

}  // namespace

TEST_CASE("An AMD GPU without a driver is a problem, and needs amdgpu") {
  const auto finding = OneFunction().finding();
  CHECK(finding.level == Level::problem);
  CHECK(finding.what == "0000:03:00.0 (AMD, device 0x73bf) has no driver");
  CHECK_THAT(finding.advice, ContainsSubstring("modprobe amdgpu"));
}

TEST_CASE("A GPU that the loaded amdgpu does not drive needs its firmware or a newer kernel") {
  const OneFunction machine;
  machine.root().write("sys/module/amdgpu/initstate", "live\n");
  CHECK_THAT(machine.finding().advice, ContainsSubstring("firmware-amd-graphics"));
}

TEST_CASE("nomodeset disables amdgpu") {
  const OneFunction machine;
  machine.root().write("proc/cmdline", "root=/dev/sda1 ro nomodeset\n");
  CHECK_THAT(machine.finding().advice, ContainsSubstring("nomodeset"));
}

TEST_CASE("A GPU that is reserved for a virtual machine is a note") {
  const auto finding = OneFunction("../../drivers/vfio-pci").finding();
  CHECK(finding.level == Level::note);
  CHECK_THAT(finding.what, ContainsSubstring("driven by vfio-pci"));
  CHECK_THAT(finding.advice, ContainsSubstring("virtual machine"));
}

TEST_CASE("A GPU with the driver radeon is named, also if only uevent has the driver") {
  const OneFunction machine;
  machine.root().write("sys/bus/pci/devices/0000:03:00.0/uevent",
                       "DRIVER=radeon\nPCI_ID=1002:6719\n");
  for (const auto& finding : {machine.finding(), OneFunction("../../drivers/radeon").finding()}) {
    CHECK(finding.level == Level::note);
    CHECK(finding.what ==
          "0000:03:00.0 (AMD, device 0x73bf) has no values: it is driven by radeon, not by amdgpu");
  }
}

TEST_CASE("A GPU of the first GCN generations can be switched from radeon to amdgpu") {
  CHECK_THAT(OneFunction("../../drivers/radeon").finding().advice,
             ContainsSubstring("amdgpu.si_support=1"));
}

TEST_CASE("A GPU that amdgpu drives and that is not in drm is a problem") {
  const auto finding = OneFunction("../../drivers/amdgpu").finding();
  CHECK(finding.level == Level::problem);
  CHECK_THAT(finding.advice, ContainsSubstring("dmesg"));
}

TEST_CASE("GPUs of other vendors are ignored, and a machine without an AMD GPU is ok") {
  const OneFunction machine("../../drivers/nvidia", "0x10de\n");
  const auto findings = check_gpu_devices(input_for(machine.root().path()));
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].level == Level::ok);
  CHECK_THAT(findings[0].what, ContainsSubstring("no AMD GPU"));
  CHECK(findings[1].level == Level::note);
  CHECK_THAT(findings[1].what, ContainsSubstring("0000:03:00.0 (vendor 0x10de)"));
}
