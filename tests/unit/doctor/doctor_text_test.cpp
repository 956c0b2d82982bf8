#include "doctor/doctor_text.h"

#include <algorithm>

#include "doctor/seen.h"
#include "rig/kernel/text.h"
#include "support/catch.h"

using namespace rig;

TEST_CASE("Samples are read with their labels, whatever stands between the quotes") {
  const auto samples = parse_exposition(
      "# TYPE rig_a gauge\n"
      "rig_a 1\n"
      "rig_b{x=\"a \\\"b\\\", \\\\ {c}\",y=\"1\\n2\"} 2.5e3\n"
      "rig_c{x=\"no end} 1\n"
      "rig_d word\n");
  REQUIRE(samples.size() == 2);
  CHECK(samples[0].name == "rig_a");
  CHECK(samples[0].value == 1);
  CHECK(samples[1].label("x") == "a \"b\", \\ {c}");
  CHECK(samples[1].label("y") == "1\n2");
  CHECK(samples[1].label("z").empty());
  CHECK(samples[1].value == 2500);
}

TEST_CASE("What is wrong comes first, whatever was found first") {
  const std::vector<Finding> findings{{Level::ok, "Host", "fine", ""},
                                      {Level::note, "GPUs", "asleep", ""},
                                      {Level::wrong, "RAID", "dead", "replace it"}};
  CHECK(doctor_text(findings, {}) ==
        "1 thing is wrong, 1 thing is worth knowing.\n"
        "\nWRONG\n  RAID: dead.\n    What to do: replace it.\n"
        "\nWORTH KNOWING\n  GPUs: asleep.\n"
        "\nWELL\n  RootPaths: fine.\n");
}

TEST_CASE("What a device wrote cannot steer the terminal, and stays in its columns") {
  std::string what = "\x1b[31m\n\xff";
  for (int i = 0; i < 40; ++i) what += " a-word";
  const auto text = doctor_text(std::vector<Finding>{{Level::note, "GPUs", what, ""}}, {});
  CHECK(text.find('\x1b') == text.npos);
  CHECK_THAT(text, ContainsSubstring("[31m \xef\xbf\xbd a-word"));
  for (const auto line : lines(text)) CHECK(line.size() <= 100);
}

TEST_CASE("Cards with the same metrics are told together, and metrics with the same reason") {
  const CardMetrics first{"0", "0000:03:00.0", {"rig_a"}, {{"rig_b", "old"}, {"rig_c", "old"}}};
  CardMetrics second = first;
  second.gpu = "1";
  second.pci_address = "0000:06:00.0";
  CardMetrics third = second;
  third.gpu = "2";
  third.absent.pop_back();
  CHECK(doctor_text({}, std::vector{first, second, third}) ==
        "All is well.\n"
        "\nMETRICS OF GPU 0 (0000:03:00.0), GPU 1 (0000:06:00.0): 1 of 3\n"
        "  No rig_b, rig_c: old.\n"
        "  There are rig_a.\n"
        "\nMETRICS OF GPU 2 (0000:06:00.0): 1 of 2\n"
        "  No rig_b: old.\n"
        "  There are rig_a.\n");
}
