#include "gpu_probe/sysfs/pcie_aer.h"

#include "gpu_probe/sysfs/amdgpu_rig.h"
#include "support/catch.h"

using namespace rig;

namespace {

void write_aer(const std::filesystem::path& function, const std::string& correctable) {
  RigCopy::write(function / "aer_dev_correctable",
                 "RxErr 0\nBadTLP " + correctable + "\nTOTAL_ERR_COR " + correctable + "\n");
  RigCopy::write(function / "aer_dev_nonfatal", "Undefined 0\nTOTAL_ERR_NONFATAL 1\n");
  RigCopy::write(function / "aer_dev_fatal", "Undefined 0\nTOTAL_ERR_FATAL 0\n");
}

}  // namespace

TEST_CASE("The total of AER counters is in a line of its own") {
  CHECK(parse_aer_total("RxErr 1\nBadTLP 2\nTOTAL_ERR_COR 3\n") == 3.0);
  CHECK(parse_aer_total("TOTAL_ERR_FATAL 0\n") == 0.0);
  CHECK_FALSE(parse_aer_total("RxErr 1\nTOTAL_ERR_COR 12"));  // truncated
  CHECK_FALSE(parse_aer_total("RxErr 1\n"));
  CHECK_FALSE(parse_aer_total("TOTAL_ERR_COR many\n"));
}

TEST_CASE("AER counters are those of the GPU with the switch of its board, and of the slot") {
  const RigCopy rig;
  const auto switch_port = rig.gpu().parent_path().parent_path();
  write_aer(rig.gpu(), "2");
  write_aer(switch_port, "40");
  write_aer(switch_port.parent_path(), "7");
  const auto reading = read(rig);
  using Counts = std::map<std::string, double>;
  CHECK(reading.pcie_aer_errors.at("device") ==
        Counts{{"correctable", 42}, {"fatal", 0}, {"nonfatal", 2}});
  CHECK(reading.pcie_aer_errors.at("upstream") ==
        Counts{{"correctable", 7}, {"fatal", 0}, {"nonfatal", 1}});
  CHECK(reading.problems.empty());
}

TEST_CASE("AER counters are read while the GPU is suspended, and absent without AER") {
  const RigCopy rig;
  CHECK(read(rig).pcie_aer_errors.empty());
  write_aer(rig.gpu(), "2");
  RigCopy::write(rig.gpu() / "power/runtime_status", "suspended\n");
  const auto reading = read(rig);
  CHECK(reading.pcie_aer_errors.at("device").at("correctable") == 2);
  CHECK_FALSE(reading.pcie_aer_errors.contains("upstream"));
}

TEST_CASE("A malformed AER counter is a problem, and the others are read") {
  const RigCopy rig;
  write_aer(rig.gpu(), "2");
  RigCopy::write(rig.gpu() / "aer_dev_fatal", "nothing\n");
  const auto reading = read(rig);
  CHECK(reading.problems.size() == 1);
  CHECK(reading.pcie_aer_errors.at("device") ==
        std::map<std::string, double>{{"correctable", 2}, {"nonfatal", 1}});
}
