#include <algorithm>

#include "doctor/checks.h"
#include "doctor/seen_by.h"
#include "rig/gpu/gpu_families.h"
#include "rig/gpu/gpu_metric_sources.h"
#include "support/catch.h"
#include "support/rig_copy.h"
#include "support/temporary_folder.h"

using namespace rig;

namespace {

// A machine with one function of AMD's and no more than that.
class OneFunction {
 public:
  explicit OneFunction(std::string_view driver = "", std::string_view vendor = "0x1002") {
    folder_.write("sys/bus/pci/devices/0000:03:00.0/class", "0x030000\n");
    folder_.write("sys/bus/pci/devices/0000:03:00.0/device", "0x73bf\n");
    folder_.write("sys/bus/pci/devices/0000:03:00.0/vendor", vendor);
    if (!driver.empty())
      std::filesystem::create_symlink(driver,
                                      folder_.path() / "sys/bus/pci/devices/0000:03:00.0/driver");
  }

  const TemporaryFolder& folder() const { return folder_; }

  Finding finding() const {
    const auto findings = check_pci_functions(seen_by(folder_.path()));
    REQUIRE(findings.size() == 1);
    return findings.front();
  }

 private:
  TemporaryFolder folder_;
};

CardMetrics metrics_of(const Seen& seen, std::string_view address) {
  for (auto& list : list_card_metrics(seen)) {
    if (list.pci_address == address) return list;
  }
  return {};
}

std::string why_no(const CardMetrics& list, std::string_view metric) {
  for (const auto& absent : list.absent) {
    if (absent.name == metric) return absent.reason;
  }
  return "it is there";
}

}  // namespace

TEST_CASE("Every metric of the GPUs has an origin, and nothing else has") {
  std::vector<std::string_view> declared;
  std::vector<std::string_view> explained;
  for (const auto* metric : kGpuMetrics) declared.push_back(metric->name);
  for (const auto& origin : gpu_metric_sources()) {
    explained.push_back(origin.metric->name);
    CHECK_FALSE(origin.where.empty());
  }
  CHECK(declared == explained);
}

TEST_CASE("An AMD card without a driver is wrong, and amdgpu is what it wants") {
  const auto finding = OneFunction().finding();
  CHECK(finding.level == Level::wrong);
  CHECK(finding.what == "0000:03:00.0 (AMD, device 0x73bf) has no driver");
  CHECK_THAT(finding.advice, ContainsSubstring("modprobe amdgpu"));
}

TEST_CASE("A card that the loaded amdgpu did not take needs its firmware or a newer kernel") {
  const OneFunction machine;
  machine.folder().write("sys/module/amdgpu/initstate", "live\n");
  CHECK_THAT(machine.finding().advice, ContainsSubstring("firmware-amd-graphics"));
}

TEST_CASE("nomodeset keeps amdgpu away from every card") {
  const OneFunction machine;
  machine.folder().write("proc/cmdline", "root=/dev/sda1 ro nomodeset\n");
  CHECK_THAT(machine.finding().advice, ContainsSubstring("nomodeset"));
}

TEST_CASE("A card that is set aside for a virtual machine is no fault of this one") {
  const auto finding = OneFunction("../../drivers/vfio-pci").finding();
  CHECK(finding.level == Level::note);
  CHECK_THAT(finding.what, ContainsSubstring("driven by vfio-pci"));
  CHECK_THAT(finding.advice, ContainsSubstring("virtual machine"));
}

TEST_CASE("A card of the first GCN generations can be given from radeon to amdgpu") {
  CHECK_THAT(OneFunction("../../drivers/radeon").finding().advice,
             ContainsSubstring("amdgpu.si_support=1"));
}

TEST_CASE("A card that amdgpu has and drm has not is wrong") {
  const auto finding = OneFunction("../../drivers/amdgpu").finding();
  CHECK(finding.level == Level::wrong);
  CHECK_THAT(finding.advice, ContainsSubstring("dmesg"));
}

TEST_CASE("Cards of others are passed over, and no AMD card is no fault") {
  const OneFunction machine("../../drivers/nvidia", "0x10de\n");
  const auto findings = check_pci_functions(seen_by(machine.folder().path()));
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].level == Level::ok);
  CHECK_THAT(findings[0].what, ContainsSubstring("no AMD GPU"));
  CHECK(findings[1].level == Level::note);
  CHECK_THAT(findings[1].what, ContainsSubstring("0000:03:00.0 (vendor 0x10de)"));
}

TEST_CASE("A card without a node in KFD is one that rocm-smi leaves out") {
  const auto findings = check_kfd(seen_by(rig_folder("raven-and-navi")));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].level == Level::note);
  CHECK_THAT(findings[0].what, ContainsSubstring("0000:09:00.0 has no node in KFD"));
}

TEST_CASE("A machine with cards and without KFD is told what the kernel lacks") {
  TemporaryFolder folder;
  folder.write("sys/devices/0000:03:00.0/vendor", "0x1002\n");
  std::filesystem::create_directories(folder.path() / "sys/class/drm/card0");
  std::filesystem::create_symlink("../../../devices/0000:03:00.0",
                                  folder.path() / "sys/class/drm/card0/device");
  const auto missing = check_kfd(seen_by(folder.path()));
  REQUIRE(missing.size() == 1);
  CHECK_THAT(missing[0].advice, ContainsSubstring("CONFIG_HSA_AMD"));

  // Root may read everything; a folder refuses everybody who takes it for a file.
  std::filesystem::create_directories(folder.path() /
                                      "sys/class/kfd/kfd/topology/nodes/1/properties");
  const auto refused = check_kfd(seen_by(folder.path()));
  REQUIRE(refused.size() == 1);
  CHECK_THAT(refused[0].what, ContainsSubstring("KFD refuses this process"));
  CHECK_THAT(refused[0].advice, ContainsSubstring("--device /dev/kfd"));
}

TEST_CASE("A device file that a container was not given is told") {
  TemporaryFolder dev;
  dev.write("kfd", "");
  const AmdgpuCard card{"0000:03:00.0", "card0", "renderD128", "", ""};
  const auto findings = check_device_files_in(dev.path(), std::vector{card});
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].level == Level::note);
  CHECK_THAT(findings[0].what, ContainsSubstring("dri/renderD128 is not there"));

  dev.write("dri/renderD128", "");
  CHECK(check_device_files_in(dev.path(), std::vector{card}).at(0).level == Level::ok);
}

TEST_CASE("A card that is there and was not read is wrong, unless nothing is known of any") {
  CHECK(check_gpu_answers(seen_by(rig_folder("rx6800x2-raid0"))).empty());
  const auto findings = check_gpu_answers(
      seen_by(rig_folder("rx6800x2-raid0"),
              "rig_gpus 2\nrig_gpu_up{gpu=\"0\",pci_address=\"0000:03:00.0\"} 1\n"));
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].level == Level::ok);
  CHECK(findings[1].level == Level::wrong);
  CHECK_THAT(findings[1].what, ContainsSubstring("0000:06:00.0 (card1)"));
}

TEST_CASE("Where the library is missing its package is named") {
  const auto findings = check_gpu_source(seen_by(
      "/nowhere",
      "rig_gpu_probe_info{reason=\"librocm_smi64.so.1: cannot open shared object file: No such "
      "file or directory\",rocm_smi_version=\"\",source=\"sysfs\"} 1\n"
      "rig_gpu_up{gpu=\"0\",pci_address=\"0000:03:00.0\"} 1\n"));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].level == Level::note);
  CHECK_THAT(findings[0].advice, ContainsSubstring("librocm-smi64-1"));
}

TEST_CASE("A metric that a card has not is explained by its files") {
  const auto list =
      metrics_of(seen_by(rig_folder("rx6800x2-raid0"),
                         "rig_gpu_up{gpu=\"0\",pci_address=\"0000:03:00.0\"} 1\n"
                         "rig_gpu_power_watts{gpu=\"0\",pci_address=\"0000:03:00.0\"} 5\n"),
                 "0000:03:00.0");
  CHECK(list.present == std::vector<std::string>{"rig_gpu_up", "rig_gpu_power_watts"});
  CHECK(why_no(list, "rig_gpu_power_watts") == "it is there");
  CHECK(why_no(list, "rig_gpu_ecc_errors_total") ==
        "ras/*_err_count is not there (only Instinct and some Pro cards count ECC errors)");
  CHECK_THAT(why_no(list, "rig_gpu_xgmi_bytes_total"),
             ContainsSubstring("gpu_metrics brought no value"));
  CHECK_THAT(why_no(list, "rig_gpu_fan_rpm"), ContainsSubstring("fan1_input brought no value"));
  CHECK(why_no(list, "rig_gpus") == "it is there");  // is of no card
}

TEST_CASE("A folder that cannot be looked into takes no other metric's reason away") {
  const RigCopy rig;
  std::filesystem::create_symlink("ras", rig.card() / "ras");
  const auto list =
      metrics_of(seen_by(rig.outside(), "rig_gpu_up{gpu=\"0\",pci_address=\"0000:03:00.0\"} 1\n"),
                 "0000:03:00.0");
  CHECK_THAT(why_no(list, "rig_gpu_ecc_errors_total"),
             ContainsSubstring("ras/*_err_count is not there"));
  CHECK_THAT(why_no(list, "rig_gpu_fan_rpm"), ContainsSubstring("fan1_input brought no value"));
}

TEST_CASE("Of a card that sleeps nothing is missing but what it never had") {
  const auto list = metrics_of(
      seen_by(
          rig_folder("rx6800x2-one-suspended"),
          "rig_gpu_up{gpu=\"1\",pci_address=\"0000:06:00.0\"} 1\n"
          "rig_gpu_runtime_state{gpu=\"1\",pci_address=\"0000:06:00.0\",state=\"suspended\"} 1\n"),
      "0000:06:00.0");
  CHECK(why_no(list, "rig_gpu_fan_rpm") == "the card is asleep, and nothing is asked of it");
  CHECK_THAT(why_no(list, "rig_gpu_ecc_errors_total"), ContainsSubstring("is not there"));
}

TEST_CASE("Of a card that is down it is said that it does not answer") {
  const auto list = metrics_of(seen_by(rig_folder("rx6800x2-raid0"),
                                       "rig_gpu_up{gpu=\"0\",pci_address=\"0000:03:00.0\"} 0\n"),
                               "0000:03:00.0");
  CHECK(why_no(list, "rig_gpu_temperature_celsius") == "the card does not answer");
}

TEST_CASE("Of a recorded card whose files are not here the kind of card is the reason") {
  const auto list =
      metrics_of(seen_by("/nowhere", "rig_gpu_up{gpu=\"0\",pci_address=\"0000:03:00.0\"} 1\n"),
                 "0000:03:00.0");
  CHECK(why_no(list, "rig_gpu_fan_rpm") == "only cards with a fan of their own");
}
