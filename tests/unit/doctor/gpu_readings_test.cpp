#include "doctor/check_inputs.h"
#include "doctor/checks.h"
#include "rig/gpu/gpu_families.h"
#include "support/catch.h"

using namespace rig;

TEST_CASE("A GPU that exists and was not read is a problem, unless the count is unknown too") {
  CHECK(check_gpu_readings(input_for(rig_directory("rx6800x2-raid0"))).empty());
  Samples samples;
  add_sample(samples, kGpus, 2);
  add_sample(samples, kUp, 1, {{"gpu", "0"}, {"pci_address", "0000:03:00.0"}});
  const auto findings =
      check_gpu_readings(input_for(rig_directory("rx6800x2-raid0"), std::move(samples)));
  REQUIRE(findings.size() == 2);
  CHECK(findings[0].level == Level::ok);
  CHECK(findings[1].level == Level::problem);
  CHECK_THAT(findings[1].what, ContainsSubstring("0000:06:00.0 (card1)"));
}

TEST_CASE("The advice for a missing library names its package") {
  Samples samples;
  add_sample(samples, kProbeInfo, 1,
             {{"source", "sysfs"},
              {"reason",
               "librocm_smi64.so.1: cannot open shared object file: No such file or directory"}});
  add_sample(samples, kUp, 1, {{"gpu", "0"}, {"pci_address", "0000:03:00.0"}});
  const auto findings = check_gpu_source(input_for("/nowhere", std::move(samples)));
  REQUIRE(findings.size() == 1);
  CHECK(findings[0].level == Level::note);
  CHECK_THAT(findings[0].advice, ContainsSubstring("librocm-smi64-1"));
}
