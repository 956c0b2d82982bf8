#include "doctor/doctor_text.h"

#include "rig/kernel/text.h"
#include "support/catch.h"

using namespace rig;

TEST_CASE("Problems are listed first, whatever the order of the findings") {
  const std::vector<Finding> findings{{Level::ok, "Host", "fine", ""},
                                      {Level::note, "GPUs", "suspended", ""},
                                      {Level::problem, "RAID", "dead", "replace it"}};
  CHECK(doctor_text(findings, {}) ==
        "1 problem found, 1 note.\n"
        "\nPROBLEMS\n  RAID: dead.\n    What to do: replace it.\n"
        "\nNOTES\n  GPUs: suspended.\n"
        "\nOK\n  Host: fine.\n");
}

TEST_CASE("Text from a device cannot control the terminal, and is wrapped") {
  std::string what = "\x1b[31m\n\xff";
  for (int i = 0; i < 40; ++i) what += " a-word";
  const auto text = doctor_text(std::vector<Finding>{{Level::note, "GPUs", what, ""}}, {});
  CHECK(text.find('\x1b') == text.npos);
  CHECK_THAT(text, ContainsSubstring("[31m \xef\xbf\xbd a-word"));
  for (const auto line : lines(text)) CHECK(line.size() <= 100);
}

TEST_CASE("GPUs with the same metrics and metrics with the same reason are listed together") {
  const GpuMetricList first{"0", "0000:03:00.0", {"rig_a"}, {{"rig_b", "old"}, {"rig_c", "old"}}};
  GpuMetricList second = first;
  second.gpu = "1";
  second.pci_address = "0000:06:00.0";
  GpuMetricList third = second;
  third.gpu = "2";
  third.absent.pop_back();
  CHECK(doctor_text({}, std::vector{first, second, third}) ==
        "No problems found.\n"
        "\nMETRICS OF GPU 0 (0000:03:00.0), GPU 1 (0000:06:00.0): 1 of 3\n"
        "  Absent: rig_b, rig_c: old.\n"
        "  Present: rig_a.\n"
        "\nMETRICS OF GPU 2 (0000:06:00.0): 1 of 2\n"
        "  Absent: rig_b: old.\n"
        "  Present: rig_a.\n");
}
