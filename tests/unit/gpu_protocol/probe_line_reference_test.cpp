// Compares with an implementation of the protocol that uses nlohmann::json.
#include <array>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "gpu_protocol/full_reading.h"
#include "gpu_protocol/nlohmann_probe_line.h"
#include "rig/gpu_protocol/probe_line.h"
#include "support/catch.h"

using namespace rig;

namespace {

using namespace std::string_literals;
const auto kStrangeText = "\u00b0 \"\\/\b\f\n\r\t\x01\x1f\x7f \U0001F525 \xff\xc3(\0"s;

GpuReading strange_reading() {
  GpuReading reading = with_all_fields({});
  reading.pci_address = "0000:03:00.0";
  reading.identity.name = kStrangeText;
  reading.took_seconds = 0.00012345678901234567;
  reading.power_watts = 1e15;
  reading.temperature_celsius = {{"edge", -0.3}, {kStrangeText, 1e-5}, {"", 17163091968}};
  reading.read_errors = {{"io", 1}};
  reading.problems = {{Reason::io_error, "/sys/x", kStrangeText}, {}};
  return reading;
}

std::vector<ProbeLine> lines() {
  const GpuProcess process{"0000:03:00.0", 4711, "python3", "", kStrangeText,  "", "77", 512e6,
                           1.25e-3,        60,   {},        17, {{"in", 8192}}};
  return {ProbeReport{"0.1.0", "rocm_smi", "1.0.0", kStrangeText, 1.5, "5.18.13"},
          GpuList{{{"0000:03:00.0", 0}, {"0000:06:00.0", 7.25}}, 3},
          GpuList{},
          GpuProcesses{{process, process}, {{"0000:03:00.0", 1}}},
          GpuProcesses{},
          with_all_fields({}),
          strange_reading()};
}

// What is put into a line.
constexpr auto kParts = std::to_array<std::string_view>({"",
                                                         "\"",
                                                         "\\",
                                                         "{",
                                                         "}",
                                                         "[",
                                                         "]",
                                                         ",",
                                                         ":",
                                                         "0",
                                                         "-",
                                                         ".",
                                                         "e5",
                                                         "1e999",
                                                         "1e-999",
                                                         "null",
                                                         "true",
                                                         "\"gpu\"",
                                                         "\"\\u00e9\"",
                                                         "\"\\uD83D\\uDD25\"",
                                                         "\"\\uD83D\"",
                                                         "\xc3\xa9",
                                                         "\xc3",
                                                         "\x01",
                                                         " ",
                                                         "\n",
                                                         "[{\"a\":[1]}]",
                                                         "{}",
                                                         "[]",
                                                         "\"type\":\"gpu\",",
                                                         "\"type\":\"gpus\",",
                                                         "\"type\":1,",
                                                         "\"pci_address\":\"0\",",
                                                         "\"fan_rpm\":1,",
                                                         "\"fan_rpm\":\"\",",
                                                         "\"identity\":{\"name\":\"x\"},",
                                                         "\"clock_hertz\":{\"a\":\"\",\"a\":2},",
                                                         "\"new\":[[]],"});

class Malformed {
 public:
  explicit Malformed(std::uint32_t seed) : random_(seed) {}

  std::string text(const std::string& good) {
    std::string bad = good;
    for (unsigned count = 1 + below(3); count > 0; --count) change(bad);
    return bad;
  }

 private:
  unsigned below(std::size_t limit) { return static_cast<unsigned>(random_() % limit); }

  void change(std::string& text) {
    const std::string_view part = kParts[below(kParts.size())];
    const auto position = some_position(text);
    switch (below(4)) {
      case 0:
        text.insert(position, part);
        break;
      case 1:
        text.replace(position, 1 + below(3), part);
        break;
      case 2:
        text.erase(position, below(40));
        break;
      default:
        text.insert(position, text.substr(some_position(text), below(80)));
    }
  }

  // Often where a member begins.
  std::size_t some_position(const std::string& text) {
    const std::size_t position = below(text.size() + 1);
    if (below(2) == 0) return position;
    const auto comma = text.find_first_of("{,", position);
    return comma == text.npos ? position : comma + 1;
  }

  std::mt19937 random_;
};

void check_same(const std::string& text) {
  if (reference::is_accepted_wrongly(text)) return;
  const auto parsed = parse_probe_line(text);
  if (parsed != reference::parse_probe_line(text)) FAIL(text);
}

}  // namespace

TEST_CASE("Every kind of line is written as by nlohmann::json") {
  for (const auto& line : lines()) CHECK(to_json_line(line) == reference::to_json_line(line));
}

TEST_CASE("Every kind of line is parsed as by nlohmann::json") {
  for (const auto& line : lines()) {
    const auto text = to_json_line(line);
    CHECK(parse_probe_line(text) == reference::parse_probe_line(text));
  }
}

TEST_CASE("Members in any order, with whitespace, are parsed as by nlohmann::json") {
  for (const auto& line : lines()) {
    const auto members = nlohmann::ordered_json::parse(to_json_line(line));
    auto reversed = nlohmann::ordered_json::object();
    for (auto member = members.rbegin(); member != members.rend(); ++member)
      reversed[member.key()] = member.value();
    CHECK(parse_probe_line(reversed.dump(2)) == reference::parse_probe_line(members.dump()));
  }
}

TEST_CASE("Text with escapes beyond ASCII is parsed as by nlohmann::json") {
  for (const auto& line : lines()) {
    const auto text = nlohmann::ordered_json::parse(to_json_line(line)).dump(-1, ' ', true);
    CHECK(parse_probe_line(text) == parse_probe_line(to_json_line(line)));
  }
}

TEST_CASE("Of members with one name the last one counts, as for nlohmann::json") {
  for (const std::string_view members :
       {R"("fan_rpm":1,"fan_rpm":2)", R"("fan_rpm":"x","fan_rpm":2)",
        R"("fan_rpm":1,"fan_rpm":"x")",
        R"("identity":{"name":"x","card":"y"},"identity":{"name":"z"})",
        R"("clock_hertz":{"a":1,"b":2},"clock_hertz":{"a":3})", R"("clock_hertz":{"a":"x","a":2})",
        R"("clock_hertz":{"a":1,"a":"x"})", R"("clock_hertz":{"a":"x"},"clock_hertz":{"a":2})",
        R"("problems":["x","y"],"problems":["z"])", R"("type":"gpus")", R"("type":1)",
        R"("type":"gpus","type":"gpu")", R"("pci_address":"","pci_address":"0")",
        R"("pci_address":"0","pci_address":"")"}) {
    const auto line = R"({"type":"gpu","pci_address":"1",)" + std::string(members) + "}";
    INFO(line);
    CHECK(parse_probe_line(line) == reference::parse_probe_line(line));
  }
}

TEST_CASE("Any double is written so that nlohmann::json reads the same one") {
  std::mt19937_64 random(3);
  for (int i = 0; i < 2000; ++i) {
    GpuReading reading;
    reading.pci_address = "x";
    reading.power_watts =
        std::ldexp(static_cast<double>(random()), static_cast<int>(i) % 900 - 500);
    reading.fan_rpm = static_cast<double>(random() % 1'000'000'000) / 1000;
    const auto text = to_json_line(reading);
    CHECK(reference::parse_probe_line(text) == ProbeLine(reading));
    CHECK(parse_probe_line(reference::to_json_line(reading)) == ProbeLine(reading));
  }
}

TEST_CASE("Malformed lines are rejected, and others parsed, as by nlohmann::json") {
  Malformed malformed(5);
  for (const auto& line : lines()) {
    const auto good = to_json_line(line);
    for (int i = 0; i < 2000; ++i) check_same(malformed.text(good));
  }
}
