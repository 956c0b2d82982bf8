#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "config/parse.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

const auto kPrintedSettings = all_settings(kCollectors);

constexpr const char* kStrangeName = "/probe: \"x\" #1\n\t\\ ß\x7f";

std::vector<std::string> values_of(const std::string& name, const Config& config) {
  return std::ranges::find(kPrintedSettings, name, &Setting::name)->values(config);
}

std::string printed_again(const std::string& text) {
  return to_yaml(from_yaml(text), kPrintedSettings);
}

}  // namespace

TEST_CASE("The printed defaults give the defaults when they are read") {
  const auto text = to_yaml({}, kPrintedSettings);
  CHECK(yaml_error(text) == "no error");
  CHECK(printed_again(text) == text);
  CHECK_THAT(text, ContainsSubstring("web:\n  listen-address: [\":10068\"]\n"));
  CHECK_THAT(text, ContainsSubstring("raid:\n  # expect: not set\n"));
  CHECK_THAT(text, ContainsSubstring("  cpu.per-core: true\n"));
}

TEST_CASE("Every setting with a value that is not its default is printed and read back") {
  const TemporaryDirectory folder;
  const auto directory = folder.path().string();
  folder.write(std::string(kStrangeName).substr(1), "");
  const std::vector<std::pair<std::string, std::vector<std::string>>> values{
      {"web.listen-address", {"127.0.0.1:0", "[::1]:9"}},
      {"web.systemd-socket", {"true"}},
      {"web.unix-socket-mode", {"0666"}},
      {"web.telemetry-path", {"/m:!e'{t}"}},
      {"web.config.file", {"web.yml"}},
      {"web.max-requests", {"3"}},
      {"web.enable-lifecycle", {"true"}},
      {"web.page", {"false"}},
      {"scrape.timeout", {"1500ms"}},
      {"path.procfs", {directory}},
      {"path.sysfs", {directory}},
      {"path.rootfs", {directory}},
      {"gpu.probe", {directory + kStrangeName}},
      {"gpu.sample-interval", {"250ms"}},
      {"gpu.max-cpu", {"10"}},
      {"gpu.peak-window", {"90s"}},
      {"gpu.processes", {"0"}},
      {"privacy.serial-numbers", {"omit"}},
      {"privacy.gpu-processes", {"pid"}},
      {"raid.expect", {"md0", "md/data"}},
      {"raid.ignore", {"md12*", "md/*"}},
      {"collector.cpu.per-core", {"false"}},
      {"collector.filesystem.max", {"7"}},
      {"collector.disable-defaults", {"true"}},
      {"collector.cpu", {"false"}},
      {"collector.gpu", {"true"}},  // its default if disable-defaults were not set
      {"collector.raid", {"false"}},
      {"log.level", {"error"}},
      {"log.format", {"json"}},
  };
  CHECK(values.size() == kPrintedSettings.size());
  Config config;
  for (const auto& [name, texts] : values) {
    CAPTURE(name);
    CHECK((name == "collector.gpu" || values_of(name, {}) != texts));
    std::ranges::find(kPrintedSettings, name, &Setting::name)->apply(config, texts);
  }
  const auto text = to_yaml(config, kPrintedSettings);
  CAPTURE(text);
  const auto parsed = parse_yaml(text);
  CHECK(parsed.errors.empty());
  for (const auto& [name, texts] : values) {
    CAPTURE(name);
    CHECK(values_of(name, config) == texts);
    CHECK(values_of(name, parsed.config) == texts);
  }
}

TEST_CASE("A value that is not UTF-8 cannot be printed") {
  Config config;
  config.paths.root = "/\xff";
  CHECK_THROWS_WITH(
      to_yaml(config, kPrintedSettings),
      ContainsSubstring("--config.print: path.rootfs: ") && ContainsSubstring("is not UTF-8"));
}

TEST_CASE("The example explains every setting, has its default, and sets nothing") {
  const auto example = example_yaml(kPrintedSettings);
  CHECK(yaml_error(example) == "no error");
  CHECK(printed_again(example) == to_yaml({}, kPrintedSettings));
  CHECK_THAT(example, ContainsSubstring("  #listen-address: [\":10068\"]\n"));
  CHECK_THAT(example, ContainsSubstring("  #config.file: FILE\n"));
  CHECK_THAT(example, ContainsSubstring("  #expect: [ARRAY]\n"));
  std::string words = example;
  for (auto at = words.find("\n  # "); at != words.npos; at = words.find("\n  # "))
    words.replace(at, 5, " ");
  for (const auto& setting : kPrintedSettings) {
    CAPTURE(setting.name);
    CHECK_THAT(words, ContainsSubstring(setting.help));
  }
  CHECK(parse({"--config.example"}).output == example);
}

TEST_CASE("A setting of the example takes effect without its comment sign") {
  auto example = example_yaml(kPrintedSettings);
  for (const std::string name : {"max-requests: 40", "timeout: 5s", "cpu.per-core: true"}) {
    const auto at = example.find("  #" + name);
    REQUIRE(at != example.npos);
    example.erase(at + 2, 1);
  }
  example.replace(example.find("  max-requests: 40"), 18, "  max-requests: 41");
  CHECK(yaml_error(example) == "no error");
  CHECK(from_yaml(example).web.max_requests == 41);
}
