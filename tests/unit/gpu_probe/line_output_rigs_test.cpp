// What is written about the GPUs of every machine in tests/rigs.
#include <filesystem>

#include "gpu_probe/sysfs/amdgpu_sysfs.h"
#include "gpu_protocol/nlohmann_probe_line.h"
#include "rig/amdgpu/card_discovery.h"
#include "rig/gpu_protocol/probe_line.h"
#include "support/catch.h"

using namespace rig;

namespace {

constexpr const char* kMarketingName = "AMD Radeon\u2122 \"RX\"";

GpuReading read_card(const AmdgpuCard& card) {
  AmdgpuSysfs sysfs(card, [](auto, auto, auto) { return kMarketingName; });
  return sysfs.read().value().reading;
}

}  // namespace

TEST_CASE("The GPUs of every machine are written and parsed as by nlohmann::json") {
  unsigned gpus = 0;
  for (const auto& machine : std::filesystem::directory_iterator(RIG_TEST_RIGS)) {
    if (!machine.is_directory()) continue;
    for (const auto& card : list_amdgpu_cards(machine.path() / "sys")) {
      INFO(card.device);
      const auto reading = read_card(card);
      const auto text = to_json_line(reading);
      CHECK(text == reference::to_json_line(reading));
      CHECK(parse_probe_line(text));
      CHECK(parse_probe_line(text) == reference::parse_probe_line(text));
      ++gpus;
    }
  }
  CHECK(gpus > 10);
}
