#include <prometheus/metric_family.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>

#include "catch.h"
#include "gpu_history.h"
#include "gpu_samples.h"
#include "rig/collectors.h"
#include "rig/config.h"
#include "temporary_folder.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

constexpr const char* kFirst = "0000:03:00.0";
constexpr const char* kSecond = "0000:06:00.0";
const std::chrono::steady_clock::time_point kNow{1000h};

// Each series as it would be printed, with its value.
std::map<std::string, double> series(const Samples& samples) {
  std::map<std::string, double> all;
  for (const auto& family : samples.families()) {
    for (const auto& metric : family.metric) {
      std::string labels;
      for (const auto& label : metric.label) {
        labels += (labels.empty() ? "" : ",") + label.name + "=\"" + label.value + '"';
      }
      const bool is_counter = family.type == prometheus::MetricType::Counter;
      all[family.name + "{" + labels + "}"] =
          is_counter ? metric.counter.value : metric.gauge.value;
    }
  }
  return all;
}

std::set<std::string> names_of(const Samples& samples, const std::string& gpu) {
  std::set<std::string> names;
  for (const auto& [name, value] : series(samples)) {
    if (name.find("gpu=\"" + gpu + '"') != name.npos) names.insert(name.substr(0, name.find('{')));
  }
  return names;
}

GpuReading idle_rx6800(const std::string& address) {
  GpuReading reading;
  reading.pci_address = address;
  reading.identity.name = "AMD Radeon RX 6800";
  reading.identity.unique_id = "0x4b1d";
  reading.identity.device_id = "0x73bf";
  reading.identity.card = "card0";
  reading.runtime_state = "active";
  reading.temperature_celsius = {{"edge", 27}, {"junction", 29}, {"memory", 30}};
  reading.temperature_limit_celsius = {{"edge", {{"critical", 100}, {"emergency", 105}}}};
  reading.power_watts = 5;
  reading.power_cap_watts = 203;
  reading.clock_hertz = {{"sclk", 0}, {"mclk", 96e6}};
  reading.fan_rpm = 0;
  reading.fan_max_rpm = 3300;
  reading.fan_ratio = 0;
  reading.performance_level = "auto";
  reading.busy_ratio = {{"gfx", 0}};
  reading.memory_size_bytes = {{"vram", 17163091968}};
  reading.memory_used_bytes = {{"vram", 13807616}};
  return reading;
}

GpuReading reading_with_everything() {
  GpuReading reading = idle_rx6800(kFirst);
  reading.power_cap_min_watts = 0;
  reading.power_cap_max_watts = 233;
  reading.power_cap_default_watts = 203;
  reading.energy_joules = 18838;
  reading.clock_min_hertz = {{"sclk", 500e6}, {"mclk", 96e6}};
  reading.clock_max_hertz = {{"sclk", 2475e6}, {"mclk", 1e9}};
  reading.voltage_volts = {{"gfx", 0.006}, {"soc", 0.812}};
  reading.overdrive_ratio = {{"sclk", 0.05}};
  reading.throttled = {{"power", 0}};
  reading.pcie_transfers_per_second = 8e9;
  reading.pcie_max_transfers_per_second = 16e9;
  reading.pcie_lanes = 8;
  reading.pcie_max_lanes = 16;
  reading.pcie_errors = {{"replays", 3},
                         {"replay_rollovers", 1},
                         {"recoveries", 2},
                         {"naks_sent", 4},
                         {"naks_received", 5}};
  reading.ecc_errors = {{"umc", {{"correctable", 2}, {"uncorrectable", 0}}}};
  reading.bad_pages = {{"retired", 1}, {"pending", 0}, {"unreservable", 0}};
  reading.xgmi_bytes = {{"3", {{"read", 1024}, {"write", 0}}}};
  reading.compute_partition = "SPX";
  reading.memory_partition = "NPS1";
  reading.firmware = {{"smc", "0x003a5400"}};
  reading.numa_node = 1;
  reading.suspended_seconds = 12;
  reading.read_errors = {{"unsupported", 1}};
  return reading;
}

GpuProcesses processes_on(const std::string& address) {
  GpuProcess process;
  process.pci_address = address;
  process.pid = 4711;
  process.command = "python3";
  process.unit = "jupyter.service";
  process.memory_bytes = 512e6;
  process.sdma_seconds = 0.25;
  process.compute_units = 60;
  return {{process}, {{address, 1}}};
}

// A probe that lists these cards now, each with a reading of now.
ProbeSnapshot probe_with(std::initializer_list<const char*> addresses) {
  ProbeSnapshot probe;
  probe.report = ProbeReport{"0.1.0", "rocm_smi", "7.2.0", "", 1, "5.18.13"};
  probe.gpus.emplace();
  for (const char* address : addresses) {
    probe.gpus->emplace(address, ProbeGpu{{address, 0},
                                          kNow - 1h,
                                          std::make_shared<const GpuReading>(idle_rx6800(address)),
                                          kNow - 500ms,
                                          nullptr});
  }
  probe.listed_at = kNow - 100ms;
  return probe;
}

void change(ProbeSnapshot& probe, const char* address,
            const std::function<void(GpuReading&)>& how) {
  auto& gpu = probe.gpus->at(address);
  auto copy = *gpu.reading;
  how(copy);
  gpu.reading = std::make_shared<const GpuReading>(std::move(copy));
}

Samples samples_of(const ProbeSnapshot& probe, GpuNumbers& numbers) {
  Samples samples;
  add_gpu_samples(samples, probe, numbers, kNow, 3s);
  return samples;
}

Samples samples_of(const ProbeSnapshot& probe) {
  GpuNumbers numbers;
  return samples_of(probe, numbers);
}

std::string up(const char* gpu, const char* address) {
  return std::string("rig_gpu_up{gpu=\"") + gpu + "\",pci_address=\"" + address + "\"}";
}

}  // namespace

TEST_CASE("Every value of a reading is a sample with the card's number and address") {
  const auto samples = samples_of(probe_with({kFirst}));
  CHECK(samples.problems().empty());
  auto all = series(samples);
  const std::string card = "gpu=\"0\",pci_address=\"0000:03:00.0\"";
  const auto take = [&](const std::string& name) {
    const auto node = all.extract(name);
    INFO(name);
    REQUIRE_FALSE(node.empty());
    return node.mapped();
  };
  CHECK(take("rig_gpus{}") == 1);
  CHECK(take("rig_gpu_up{" + card + "}") == 1);
  CHECK(take("rig_gpu_info{card=\"card0\",device_id=\"0x73bf\",gpu=\"0\",memory_vendor=\"\",name="
             "\"AMD Radeon RX 6800\",pci_address=\"0000:03:00.0\",render=\"\",revision=\"\","
             "serial=\"\",subsystem_id=\"\",unique_id=\"0x4b1d\",vbios_version=\"\"}") == 1);
  CHECK(take("rig_gpu_temperature_celsius{" + card + ",sensor=\"edge\"}") == 27);
  CHECK(take("rig_gpu_temperature_celsius{" + card + ",sensor=\"junction\"}") == 29);
  CHECK(take("rig_gpu_temperature_celsius{" + card + ",sensor=\"memory\"}") == 30);
  CHECK(take("rig_gpu_temperature_limit_celsius{gpu=\"0\",limit=\"critical\",pci_address="
             "\"0000:03:00.0\",sensor=\"edge\"}") == 100);
  CHECK(take("rig_gpu_temperature_limit_celsius{gpu=\"0\",limit=\"emergency\",pci_address="
             "\"0000:03:00.0\",sensor=\"edge\"}") == 105);
  CHECK(take("rig_gpu_power_watts{" + card + "}") == 5);
  CHECK(take("rig_gpu_power_cap_watts{" + card + "}") == 203);
  CHECK(take("rig_gpu_clock_hertz{clock=\"sclk\"," + card + "}") == 0);
  CHECK(take("rig_gpu_clock_hertz{clock=\"mclk\"," + card + "}") == 96e6);
  CHECK(take("rig_gpu_fan_rpm{" + card + "}") == 0);
  CHECK(take("rig_gpu_fan_max_rpm{" + card + "}") == 3300);
  CHECK(take("rig_gpu_fan_ratio{" + card + "}") == 0);
  CHECK(take("rig_gpu_busy_ratio{engine=\"gfx\"," + card + "}") == 0);
  CHECK(take("rig_gpu_memory_size_bytes{gpu=\"0\",kind=\"vram\",pci_address=\"0000:03:00.0\"}") ==
        17163091968);
  CHECK(take("rig_gpu_memory_used_bytes{gpu=\"0\",kind=\"vram\",pci_address=\"0000:03:00.0\"}") ==
        13807616);
  CHECK(take("rig_gpu_sample_age_seconds{" + card + "}") == 0.5);
  for (const auto level : kPerformanceLevels) {
    CHECK(take("rig_gpu_performance_level{gpu=\"0\",level=\"" + std::string(level) +
               "\",pci_address=\"0000:03:00.0\"}") == (level == "auto" ? 1 : 0));
  }
  for (const auto state : kRuntimeStates) {
    CHECK(take("rig_gpu_runtime_state{" + card + ",state=\"" + std::string(state) + "\"}") ==
          (state == "active" ? 1 : 0));
  }
  CHECK(take("rig_gpu_probe_info{reason=\"\",rocm_smi_version=\"7.2.0\",source=\"rocm_smi\"}") ==
        1);
  CHECK(take("rig_gpu_probe_restarts_total{}") == 0);
  CHECK(take("rig_gpu_driver_info{version=\"5.18.13\"}") == 1);
  CHECK(all.empty());
}

TEST_CASE("A value that was not read is no sample, not even 0") {
  auto probe = probe_with({kFirst});
  change(probe, kFirst, [](GpuReading& reading) {
    reading.power_watts.reset();
    reading.fan_rpm.reset();
    reading.performance_level.reset();
    reading.runtime_state.reset();
    reading.busy_ratio.clear();
  });
  const auto names = names_of(samples_of(probe), "0");
  for (const char* name : {"rig_gpu_power_watts", "rig_gpu_fan_rpm", "rig_gpu_performance_level",
                           "rig_gpu_runtime_state", "rig_gpu_busy_ratio"}) {
    CHECK_FALSE(names.contains(name));
  }
  CHECK(names.contains("rig_gpu_temperature_celsius"));
}

TEST_CASE("Without GPUs their number is 0 and that is no problem") {
  const auto samples = samples_of(probe_with({}));
  CHECK(samples.problems().empty());
  CHECK(series(samples).at("rig_gpus{}") == 0);
}

TEST_CASE("A probe that is down leaves its restarts and no word about any card") {
  GpuNumbers numbers;
  samples_of(probe_with({kFirst, kSecond}), numbers);
  ProbeSnapshot probe;
  probe.restarts = 4;
  probe.down = "rig_gpu_probe was killed by SIGKILL";
  const auto samples = samples_of(probe, numbers);
  CHECK(samples.problems() == std::vector<std::string>{"rig_gpu_probe was killed by SIGKILL"});
  CHECK(series(samples) == std::map<std::string, double>{{"rig_gpu_probe_restarts_total{}", 4}});
}

TEST_CASE("A probe that has not spoken yet is a problem, and no cards is not claimed") {
  const auto samples = samples_of({});
  CHECK(samples.problems().size() == 1);
  CHECK(series(samples).size() == 1);
}

TEST_CASE("A list of cards that is old says nothing about now") {
  auto probe = probe_with({kFirst});
  probe.listed_at = kNow - 4s;
  const auto samples = samples_of(probe);
  REQUIRE(samples.problems().size() == 1);
  CHECK(samples.problems()[0] == "rig_gpu_probe has said nothing for more than 3 s");
  CHECK(names_of(samples, "0").empty());
  CHECK_FALSE(series(samples).contains("rig_gpus{}"));
}

TEST_CASE("A card with an old reading is not up, has its age and no values; the other has all") {
  auto probe = probe_with({kFirst, kSecond});
  probe.gpus->at(kFirst).read_at = kNow - 12s;
  probe.gpus->at(kFirst).presence.waiting_seconds = 11;
  const auto samples = samples_of(probe);
  const auto all = series(samples);
  CHECK(names_of(samples, "0") ==
        std::set<std::string>{"rig_gpu_up", "rig_gpu_sample_age_seconds"});
  CHECK(all.at(up("0", kFirst)) == 0);
  CHECK(all.at("rig_gpu_sample_age_seconds{gpu=\"0\",pci_address=\"0000:03:00.0\"}") == 12);
  CHECK(all.at(up("1", kSecond)) == 1);
  CHECK(names_of(samples, "1").contains("rig_gpu_power_watts"));
  CHECK(samples.problems() ==
        std::vector<std::string>{"GPU 0 (0000:03:00.0): its driver does not answer"});
}

TEST_CASE("A reading is fresh up to the limit and stale after it") {
  auto probe = probe_with({kFirst});
  probe.gpus->at(kFirst).read_at = kNow - 3s;
  CHECK(series(samples_of(probe)).at(up("0", kFirst)) == 1);
  probe.gpus->at(kFirst).read_at = kNow - 3s - 1ms;
  CHECK(series(samples_of(probe)).at(up("0", kFirst)) == 0);
}

TEST_CASE("A card that hangs from the start is not up; one just listed is neither up nor down") {
  auto probe = probe_with({kFirst, kSecond});
  for (auto& [address, gpu] : *probe.gpus) gpu.reading.reset();
  probe.gpus->at(kFirst).presence.waiting_seconds = 7;
  probe.gpus->at(kSecond).listed_since = kNow - 100ms;
  const auto samples = samples_of(probe);
  CHECK(names_of(samples, "0") == std::set<std::string>{"rig_gpu_up"});
  CHECK(series(samples).at(up("0", kFirst)) == 0);
  CHECK(names_of(samples, "1").empty());
  CHECK(series(samples).at("rig_gpus{}") == 2);
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(samples.problems()[0], ContainsSubstring("GPU 0 (0000:03:00.0)"));
}

TEST_CASE("A card that is asleep or half awake is up, with its state and identity") {
  const std::string state = GENERATE("suspended", "suspending", "resuming");
  auto probe = probe_with({kFirst});
  change(probe, kFirst, [&](GpuReading& reading) {
    GpuReading asleep;
    asleep.pci_address = reading.pci_address;
    asleep.identity = reading.identity;
    asleep.runtime_state = state;
    reading = asleep;
  });
  const auto samples = samples_of(probe);
  CHECK(samples.problems().empty());
  CHECK(series(samples).at(up("0", kFirst)) == 1);
  CHECK(names_of(samples, "0") == std::set<std::string>{"rig_gpu_up", "rig_gpu_info",
                                                        "rig_gpu_runtime_state",
                                                        "rig_gpu_sample_age_seconds"});
}

TEST_CASE("A card in reset, which refuses all but what the driver knows by itself, is not up") {
  auto probe = probe_with({kFirst});
  change(probe, kFirst, [](GpuReading& reading) {
    GpuReading refused;
    refused.pci_address = reading.pci_address;
    refused.identity = reading.identity;
    refused.runtime_state = "active";
    refused.memory_size_bytes = reading.memory_size_bytes;
    refused.memory_used_bytes = reading.memory_used_bytes;
    refused.problems = {"/sys/class/drm/card0/device/gpu_busy_percent: Operation not permitted"};
    reading = refused;
  });
  const auto samples = samples_of(probe);
  CHECK(series(samples).at(up("0", kFirst)) == 0);
  CHECK(names_of(samples, "0").contains("rig_gpu_memory_used_bytes"));
  CHECK(std::count(samples.problems().begin(), samples.problems().end(),
                   "/sys/class/drm/card0/device/gpu_busy_percent: Operation not permitted") == 1);
}

TEST_CASE("A single value that is refused is a problem of a card that is up") {
  auto probe = probe_with({kFirst});
  change(probe, kFirst, [](GpuReading& reading) {
    reading.power_watts.reset();
    reading.problems = {"power1_average: Input/output error"};
  });
  const auto samples = samples_of(probe);
  CHECK(series(samples).at(up("0", kFirst)) == 1);
  CHECK(samples.problems() == std::vector<std::string>{"power1_average: Input/output error"});
}

TEST_CASE("A card that vanished keeps its number, is not up and not counted, and comes back") {
  GpuNumbers numbers;
  samples_of(probe_with({kFirst, kSecond}), numbers);

  const auto without = samples_of(probe_with({kSecond}), numbers);
  CHECK(series(without).at("rig_gpus{}") == 1);
  CHECK(names_of(without, "0") == std::set<std::string>{"rig_gpu_up"});
  CHECK(series(without).at(up("0", kFirst)) == 0);
  CHECK(series(without).at(up("1", kSecond)) == 1);

  const auto again = samples_of(probe_with({kFirst, kSecond}), numbers);
  CHECK(series(again).at(up("0", kFirst)) == 1);
}

TEST_CASE("A card that is added later gets the next number, wherever its slot is") {
  GpuNumbers numbers;
  samples_of(probe_with({kSecond}), numbers);
  const auto all = series(samples_of(probe_with({kFirst, kSecond}), numbers));
  CHECK(all.at(up("0", kSecond)) == 1);
  CHECK(all.at(up("1", kFirst)) == 1);
}

TEST_CASE("A performance level that is not known is other") {
  auto probe = probe_with({kFirst});
  change(probe, kFirst, [](GpuReading& reading) { reading.performance_level = "turbo"; });
  CHECK(series(samples_of(probe))
            .at("rig_gpu_performance_level{gpu=\"0\",level=\"other\",pci_address=\"0000:03:00."
                "0\"}") == 1);
}

TEST_CASE("The first word of the probe is complete when every card has a reading or hangs") {
  CHECK_FALSE(has_first_readings({}));
  CHECK(has_first_readings(probe_with({})));
  auto probe = probe_with({kFirst, kSecond});
  CHECK(has_first_readings(probe));
  probe.gpus->at(kFirst).reading.reset();
  CHECK_FALSE(has_first_readings(probe));
  probe.gpus->at(kFirst).presence.waiting_seconds = 1;
  CHECK(has_first_readings(probe));
  probe.report.reset();
  CHECK_FALSE(has_first_readings(probe));

  ProbeSnapshot dead;
  dead.down = "rig_gpu_probe was killed by SIGABRT";
  CHECK_FALSE(has_first_readings(dead));
  dead.startable = false;
  CHECK(has_first_readings(dead));
}

TEST_CASE("The first collection waits for the first readings, and then the collector is ready") {
  const TemporaryFolder folder;
  std::filesystem::create_symlink(RIG_FAKE_PROBE, folder.path() / "good");
  Config config;
  config.gpu.probe = (folder.path() / "good").string();
  const auto info = gpu_collector();
  CHECK(info.name == "gpu");
  const auto collector = info.make({}, config);
  Samples samples;
  collector->collect(samples, std::chrono::steady_clock::now() + 40s);
  CHECK(collector->ready());
  CHECK(samples.problems().empty());
  const auto all = series(samples);
  REQUIRE(all.contains("rig_gpus{}"));
  CHECK(all.at("rig_gpus{}") == 2);
  CHECK(
      all.at(
          "rig_gpu_temperature_celsius{gpu=\"1\",pci_address=\"0000:06:00.0\",sensor=\"edge\"}") ==
      28);
}

TEST_CASE("Where the probe cannot be started the collector is ready and has a problem") {
  Config config;
  config.gpu.probe = "/nowhere/rig_gpu_probe";
  const auto collector = gpu_collector().make({}, config);
  Samples samples;
  const auto deadline = std::chrono::steady_clock::now() + 1h;
  collector->collect(samples, deadline);
  CHECK(collector->ready());
  REQUIRE(samples.problems().size() == 1);
  CHECK_THAT(samples.problems()[0], ContainsSubstring("/nowhere/rig_gpu_probe"));
  CHECK(series(samples).size() == 1);
}

TEST_CASE("A collection does not wait beyond its deadline for a probe that says nothing") {
  const TemporaryFolder folder;
  std::filesystem::create_symlink(RIG_FAKE_PROBE, folder.path() / "mute");
  Config config;
  config.gpu.probe = (folder.path() / "mute").string();
  const auto collector = gpu_collector().make({}, config);
  Samples samples;
  collector->collect(samples, std::chrono::steady_clock::now() + 200ms);
  CHECK_FALSE(collector->ready());  // as it is after five seconds
  CHECK(samples.problems().size() == 1);
  CHECK(series(samples).size() == 1);
}

TEST_CASE("Values of every kind have their series, labels and units") {
  auto probe = probe_with({kFirst});
  probe.gpus->at(kFirst).reading = std::make_shared<const GpuReading>(reading_with_everything());
  const auto found = series(samples_of(probe));
  const std::string gpu = R"(gpu="0",pci_address="0000:03:00.0")";
  const auto value = [&](const std::string& name, const std::string& labels) {
    const auto at = found.find(name + "{" + labels + "}");
    return at == found.end() ? std::optional<double>() : at->second;
  };
  CHECK(value("rig_gpu_power_cap_default_watts", gpu) == 203);
  CHECK(value("rig_gpu_voltage_volts", gpu + R"(,rail="soc")") == 0.812);
  CHECK(value("rig_gpu_clock_max_hertz", R"(clock="sclk",)" + gpu) == 2475e6);
  CHECK(value("rig_gpu_overdrive_ratio", R"(clock="sclk",)" + gpu) == 0.05);
  CHECK(value("rig_gpu_pcie_link_lanes", gpu) == 8);
  CHECK(value("rig_gpu_pcie_link_max_transfers_per_second", gpu) == 16e9);
  CHECK(value("rig_gpu_pcie_replays_total", gpu) == 3);
  CHECK(value("rig_gpu_pcie_naks_total", R"(direction="sent",)" + gpu) == 4);
  CHECK(value("rig_gpu_pcie_naks_total", R"(direction="received",)" + gpu) == 5);
  CHECK(value("rig_gpu_ecc_errors_total", R"(block="umc",)" + gpu + R"(,severity="correctable")") ==
        2);
  CHECK(value("rig_gpu_bad_pages", gpu + R"(,state="retired")") == 1);
  CHECK(value("rig_gpu_xgmi_bytes_total",
              R"(direction="read",gpu="0",link="3",pci_address="0000:03:00.0")") == 1024);
  CHECK(value("rig_gpu_partition_info",
              R"(compute="SPX",)" + gpu.substr(0, 7) + R"(,memory="NPS1",)" + gpu.substr(8)) == 1);
  CHECK(value("rig_gpu_firmware_info", R"(firmware="smc",)" + gpu + R"(,version="0x003a5400")") ==
        1);
  CHECK(value("rig_gpu_numa_node", gpu) == 1);
  CHECK(value("rig_gpu_driver_info", R"(version="5.18.13")") == 1);
}

TEST_CASE("What comes of all readings stands beside the latest one") {
  auto probe = probe_with({kFirst});
  GpuTotals totals;
  totals.energy_joules = 1234.5;
  totals.busy_seconds = {{"gfx", 12.5}};
  totals.busy_suspect = true;
  totals.power_peak_watts = 230;
  totals.read_errors = {{"implausible", 7}};
  totals.throttled = {{"power", 1}};
  totals.throttle_seconds = {{"power", 3.5}};
  probe.gpus->at(kFirst).totals = std::make_shared<const GpuTotals>(totals);
  const auto found = series(samples_of(probe));
  const std::string gpu = R"(gpu="0",pci_address="0000:03:00.0")";
  CHECK(found.at("rig_gpu_energy_joules_total{" + gpu + "}") == 1234.5);
  CHECK(found.at(R"(rig_gpu_busy_seconds_total{engine="gfx",)" + gpu + "}") == 12.5);
  CHECK(found.at("rig_gpu_busy_suspect{" + gpu + "}") == 1);
  CHECK(found.at("rig_gpu_power_peak_watts{" + gpu + "}") == 230);
  CHECK(found.at("rig_gpu_read_errors_total{" + gpu + R"(,reason="implausible"})") == 7);
  CHECK(found.at("rig_gpu_throttled{" + gpu + R"(,reason="power"})") == 1);
  CHECK(found.at("rig_gpu_throttle_seconds_total{" + gpu + R"(,reason="power"})") == 3.5);
}

TEST_CASE("A card that is left alone to fall asleep is up, and has no values") {
  auto probe = probe_with({kFirst});
  GpuReading reading;
  reading.pci_address = kFirst;
  reading.runtime_state = "active";
  reading.left_alone_seconds = 4;
  probe.gpus->at(kFirst).reading = std::make_shared<const GpuReading>(reading);
  const auto samples = samples_of(probe);
  CHECK(samples.problems().empty());
  const auto found = series(samples);
  CHECK(found.at(R"(rig_gpu_up{gpu="0",pci_address="0000:03:00.0"})") == 1);
  CHECK_FALSE(found.contains(R"(rig_gpu_power_watts{gpu="0",pci_address="0000:03:00.0"})"));
}

TEST_CASE("Processes are shown with whose they are, on cards that are there") {
  auto probe = probe_with({kFirst});
  probe.processes = processes_on(kFirst);
  probe.processes_at = kNow - 1s;
  probe.processes->counts[kSecond] = 3;
  const auto found = series(samples_of(probe));
  const std::string who =
      R"({command="python3",container="",gpu="0",pci_address="0000:03:00.0",pid="4711",pod="",)"
      R"(slurm_job="",unit="jupyter.service"})";
  CHECK(found.at("rig_gpu_process_memory_bytes" + who) == 512e6);
  CHECK(found.at("rig_gpu_process_sdma_seconds_total" + who) == 0.25);
  CHECK(found.at(R"(rig_gpu_processes{gpu="0",pci_address="0000:03:00.0"})") == 1);
  CHECK(std::none_of(found.begin(), found.end(), [](const auto& entry) {
    return entry.first.find(kSecond) != std::string::npos;
  }));
}

TEST_CASE("Who uses the GPUs is not said once KFD has stopped answering") {
  auto probe = probe_with({kFirst});
  probe.processes = processes_on(kFirst);
  probe.processes_at = kNow - 1h;
  const auto samples = samples_of(probe);
  CHECK(samples.problems() == std::vector<std::string>{"KFD does not answer who uses the GPUs"});
  for (const auto& [name, value] : series(samples))
    CHECK_FALSE(name.starts_with("rig_gpu_process"));
}

TEST_CASE("KFD that has never answered is a problem, and that nobody asks it is none") {
  auto probe = probe_with({kFirst});
  CHECK(samples_of(probe).problems().empty());
  probe.processes_waiting = true;
  CHECK(samples_of(probe).problems() ==
        std::vector<std::string>{"KFD does not answer who uses the GPUs"});
}

TEST_CASE("What the collector says is what it declares") {
  auto probe = probe_with({kFirst});
  auto& gpu = probe.gpus->at(kFirst);
  gpu.reading = std::make_shared<const GpuReading>(reading_with_everything());
  GpuHistory history(1s);
  history.add(*gpu.reading, kNow);
  gpu.totals = std::make_shared<const GpuTotals>(history.totals());
  probe.processes = processes_on(kFirst);
  probe.processes_at = kNow - 1s;
  std::set<std::string_view> said;
  const auto families = samples_of(probe).families();
  for (const auto& family : families) said.insert(family.name);
  std::set<std::string_view> declared;
  for (const MetricInfo* metric : gpu_metrics()) declared.insert(metric->name);
  CHECK(said == declared);
}
