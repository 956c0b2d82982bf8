#include "rig/gpu_protocol/probe_line.h"

#include <cstdint>
#include <limits>
#include <random>

#include "gpu_protocol/full_reading.h"
#include "support/catch.h"

using namespace rig;

namespace {

GpuReading full_reading() {
  GpuReading reading = with_all_fields({});
  reading.pci_address = "0000:03:00.0";
  reading.identity = {"AMD Radeon RX 6800",
                      "0x4d2b1c0f3a5e6879",
                      "",
                      "0x73bf",
                      "0xc3",
                      "0x2407",
                      "113-D4140EXL-XL",
                      "samsung",
                      "card0",
                      "renderD128"};
  reading.took_seconds = 0.002;
  reading.read_errors = {{"io", 1}};
  reading.problems = {{Reason::io_error, "/sys/x", "Input/output error"}};
  return reading;
}

template <typename T>
T round_trip(const T& value) {
  const auto line = parse_probe_line(to_json_line(value));
  REQUIRE(line);
  REQUIRE(std::holds_alternative<T>(*line));
  return std::get<T>(*line);
}

}  // namespace

TEST_CASE("Each kind of line survives a round trip") {
  const ProbeReport report{"0.1.0", "rocm_smi", "1.0.0", "", 1.5, "5.18.13"};
  CHECK(round_trip(report) == report);
  const GpuList list{{{"0000:03:00.0", 0}, {"0000:06:00.0", 7.25}}};
  CHECK(round_trip(list) == list);
  CHECK(round_trip(GpuList{}) == GpuList{});
  const GpuProcess process{"0000:03:00.0",
                           4711,
                           "python3",
                           "jupyterlab.service",
                           "3f2a",
                           "9b1c",
                           "77",
                           512e6,
                           1.25e-3,
                           60,
                           0.5,
                           17,
                           {{"in", 8192}, {"out", 4096}}};
  const GpuProcesses processes{{process}, {{"0000:03:00.0", 1}, {"0000:06:00.0", 0}}};
  CHECK(round_trip(processes) == processes);
  CHECK(round_trip(GpuProcesses{}) == GpuProcesses{});
  CHECK(round_trip(full_reading()) == full_reading());
}

TEST_CASE("A problem has a reason, a path and a detail") {
  GpuReading reading;
  reading.pci_address = "0000:03:00.0";
  reading.problems = {{Reason::resetting, "/sys/x", "Operation not permitted"}};
  CHECK(to_json_line(reading) ==
        R"({"type":"gpu","pci_address":"0000:03:00.0","problems":[{"reason":"resetting",)"
        R"("path":"/sys/x","detail":"Operation not permitted"}]})");
  CHECK(round_trip(reading).problems == reading.problems);
}

TEST_CASE("A problem in a recording of version 0.1 is plain text") {
  const auto line = parse_probe_line(
      R"({"type":"gpu","pci_address":"0000:03:00.0","problems":["x: Input/output error"]})");
  REQUIRE(line);
  CHECK(std::get<GpuReading>(*line).problems ==
        std::vector<Problem>{{Reason::failed, "", "x: Input/output error"}});
}

TEST_CASE("An unknown reason of a newer probe is read as failed") {
  const auto line = parse_probe_line(
      R"({"type":"gpu","pci_address":"0","problems":[{"reason":"future","path":"x"}]})");
  REQUIRE(line);
  CHECK(std::get<GpuReading>(*line).problems == std::vector{Problem{Reason::failed, "x", {}}});
}

TEST_CASE("Zero is written, an absent value is not") {
  GpuReading reading;
  reading.pci_address = "0000:03:00.0";
  reading.fan_rpm = 0;
  CHECK(to_json_line(reading) == R"({"type":"gpu","pci_address":"0000:03:00.0","fan_rpm":0.0})");
  CHECK(round_trip(reading).fan_rpm == 0.0);
  CHECK_FALSE(round_trip(reading).power_watts);
}

TEST_CASE("Any double survives a round trip exactly") {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> mantissa(-1, 1);
  std::uniform_int_distribution<int> exponent(-300, 300);
  for (int i = 0; i < 1000; ++i) {
    GpuReading reading;
    reading.pci_address = "x";
    reading.power_watts = std::ldexp(mantissa(random), exponent(random));
    CHECK(round_trip(reading).power_watts == reading.power_watts);
  }
}

TEST_CASE("Numbers that are not finite are omitted") {
  GpuReading reading;
  reading.pci_address = "0000:03:00.0";
  reading.power_watts = std::numeric_limits<double>::quiet_NaN();
  reading.temperature_celsius = {{"edge", std::numeric_limits<double>::infinity()}};
  CHECK(to_json_line(reading) == R"({"type":"gpu","pci_address":"0000:03:00.0"})");
}

TEST_CASE("Text with arbitrary bytes is written as one line of valid JSON") {
  GpuReading reading;
  reading.pci_address = "0000:03:00.0";
  reading.problems = {{Reason::malformed, "/sys/x", std::string("a\nb\0\xff\xc3(", 7)}};
  const std::string line = to_json_line(reading);
  CHECK(line.find('\n') == line.npos);
  CHECK_THAT(round_trip(reading).problems.at(0).detail, ContainsSubstring("a\nb"));
}

TEST_CASE("A member of a newer probe is ignored") {
  const auto line =
      parse_probe_line(R"({"type":"gpu","pci_address":"0","future":{"a":[1]},"fan_rpm":3})");
  REQUIRE(line);
  CHECK(std::get<GpuReading>(*line).fan_rpm == 3.0);
}

TEST_CASE("A line with a member of the wrong type is rejected") {
  CHECK_FALSE(parse_probe_line(R"({"type":"gpu","pci_address":"0","fan_rpm":"3"})"));
  CHECK_FALSE(parse_probe_line(R"({"type":"gpu","pci_address":"0","fan_rpm":null})"));
  CHECK_FALSE(parse_probe_line(R"({"type":"gpu","pci_address":3})"));
  CHECK_FALSE(parse_probe_line(R"({"type":"gpu","pci_address":"0","clock_hertz":{"sclk":"1"}})"));
  CHECK_FALSE(parse_probe_line(R"({"type":"gpu","pci_address":"0","problems":[1]})"));
  CHECK_FALSE(parse_probe_line(R"({"type":"gpus","gpus":{}})"));
  CHECK_FALSE(parse_probe_line(R"({"type":"gpus","gpus":[{"waiting_seconds":1}]})"));
  CHECK_FALSE(parse_probe_line(R"({"type":"probe","version":1})"));
}

TEST_CASE("A GPU without a PCI address is rejected") {
  CHECK_FALSE(parse_probe_line(R"({"type":"gpu"})"));
  CHECK_FALSE(parse_probe_line(R"({"type":"gpu","pci_address":""})"));
}

TEST_CASE("Anything else is rejected") {
  for (const std::string_view text :
       {"", " ", "{", "[]", "1", "null", "\"gpu\"", "{}", R"({"type":"else"})", R"({"type":1})",
        R"({"type":"gpu","pci_address":"0"} x)", R"({"type":"gpu","pci_address":"0")",
        R"({"type":"gpu","pci_address":"0","fan_rpm":1e999})", "{\"type\":\"g\xffu\"}"}) {
    CHECK_FALSE(parse_probe_line(text));
  }
}

TEST_CASE("The parser never throws or crashes, for any input") {
  std::string deep(1'000'000, '[');
  CHECK_FALSE(parse_probe_line(deep));
  deep = R"({"type":"gpu","pci_address":"0","x":)" + std::string(100'000, '[') +
         std::string(100'000, ']') + "}";
  CHECK(parse_probe_line(deep));

  std::mt19937 random(7);
  const std::string good = to_json_line(full_reading());
  for (int i = 0; i < 5000; ++i) {
    std::string bad = good;
    for (unsigned n = 0; n <= random() % 4; ++n) {
      bad[random() % bad.size()] = static_cast<char>(static_cast<std::uint8_t>(random()));
    }
    if (random() % 4 == 0) bad.resize(random() % bad.size());
    CHECK_NOTHROW(parse_probe_line(bad));
  }
}
