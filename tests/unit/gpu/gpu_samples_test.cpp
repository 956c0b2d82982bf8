#include <algorithm>

#include "gpu/gpu_snapshots.h"
#include "rig/gpu/gpu_families.h"
#include "rig/scrape/collectors.h"
#include "support/catch.h"

using namespace rig;

TEST_CASE("Every value of a reading is a sample with the GPU's index and PCI address") {
  const auto samples = samples_of(probe_with({kFirst}));
  CHECK(samples.problems().empty());
  auto all = series(samples);
  const std::string gpu = "gpu=\"0\",pci_address=\"0000:03:00.0\"";
  const auto take = [&](const std::string& name) {
    const auto node = all.extract(name);
    INFO(name);
    REQUIRE_FALSE(node.empty());
    return node.mapped();
  };
  CHECK(take("rig_gpus") == 1);
  CHECK(take("rig_gpu_up{" + gpu + "}") == 1);
  CHECK(take("rig_gpu_info{card=\"card0\",device_id=\"0x73bf\",gpu=\"0\",memory_vendor=\"\",name="
             "\"AMD Radeon RX 6800\",pci_address=\"0000:03:00.0\",render=\"\",revision=\"\","
             "serial=\"\",subsystem_id=\"\",unique_id=\"0x4b1d\",vbios_version=\"\"}") == 1);
  CHECK(take("rig_gpu_temperature_celsius{" + gpu + ",sensor=\"edge\"}") == 27);
  CHECK(take("rig_gpu_temperature_celsius{" + gpu + ",sensor=\"junction\"}") == 29);
  CHECK(take("rig_gpu_temperature_celsius{" + gpu + ",sensor=\"memory\"}") == 30);
  CHECK(take("rig_gpu_temperature_limit_celsius{gpu=\"0\",limit=\"critical\",pci_address="
             "\"0000:03:00.0\",sensor=\"edge\"}") == 100);
  CHECK(take("rig_gpu_temperature_limit_celsius{gpu=\"0\",limit=\"emergency\",pci_address="
             "\"0000:03:00.0\",sensor=\"edge\"}") == 105);
  CHECK(take("rig_gpu_power_watts{" + gpu + "}") == 5);
  CHECK(take("rig_gpu_power_cap_watts{" + gpu + "}") == 203);
  CHECK(take("rig_gpu_clock_hertz{clock=\"sclk\"," + gpu + "}") == 0);
  CHECK(take("rig_gpu_clock_hertz{clock=\"mclk\"," + gpu + "}") == 96e6);
  CHECK(take("rig_gpu_fan_rpm{" + gpu + "}") == 0);
  CHECK(take("rig_gpu_fan_max_rpm{" + gpu + "}") == 3300);
  CHECK(take("rig_gpu_fan_ratio{" + gpu + "}") == 0);
  CHECK(take("rig_gpu_busy_ratio{engine=\"gfx\"," + gpu + "}") == 0);
  CHECK(take("rig_gpu_memory_size_bytes{gpu=\"0\",kind=\"vram\",pci_address=\"0000:03:00.0\"}") ==
        17163091968);
  CHECK(take("rig_gpu_memory_used_bytes{gpu=\"0\",kind=\"vram\",pci_address=\"0000:03:00.0\"}") ==
        13807616);
  CHECK(take("rig_gpu_sample_age_seconds{" + gpu + "}") == 0.5);
  for (const auto level : kPerformanceLevels) {
    CHECK(take("rig_gpu_performance_level{gpu=\"0\",level=\"" + std::string(level) +
               "\",pci_address=\"0000:03:00.0\"}") == (level == "auto" ? 1 : 0));
  }
  for (const auto state : kRuntimeStates) {
    CHECK(take("rig_gpu_runtime_state{" + gpu + ",state=\"" + std::string(state) + "\"}") ==
          (state == "active" ? 1 : 0));
  }
  CHECK(take("rig_gpu_probe_info{reason=\"\",rocm_smi_version=\"7.2.0\",source=\"rocm_smi\"}") ==
        1);
  CHECK(take("rig_gpu_driver_info{version=\"5.18.13\"}") == 1);
  CHECK(take("rig_gpu_sample_interval_seconds") == 1);
  CHECK(all.empty());
}

TEST_CASE("An absent value has no sample, not even 0") {
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

TEST_CASE("An unknown performance level is exported as other") {
  auto probe = probe_with({kFirst});
  change(probe, kFirst, [](GpuReading& reading) { reading.performance_level = "turbo"; });
  CHECK(series(samples_of(probe))
            .at("rig_gpu_performance_level{gpu=\"0\",level=\"other\",pci_address=\"0000:03:00."
                "0\"}") == 1);
}

TEST_CASE("Values of every kind have their labels and units") {
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

TEST_CASE("Values derived from all readings are exported") {
  auto probe = probe_with({kFirst});
  GpuTotals totals;
  totals.energy_joules = 1234.5;
  totals.energy_source = EnergySource::power;
  totals.busy_seconds = {{"gfx", 12.5}};
  totals.busy_suspect = true;
  totals.busy_believed_ratio = {{"media", 0.5}};
  totals.power_peak_watts = 230;
  totals.read_errors = {{"implausible", 7}};
  totals.throttled = {{"power", 1}};
  totals.throttle_seconds = {{"power", 3.5}};
  totals.host_limited_seconds = {{"thermal", 7.5}};
  probe.gpus->at(kFirst).totals = std::make_shared<const GpuTotals>(totals);
  const auto found = series(samples_of(probe));
  const std::string gpu = R"(gpu="0",pci_address="0000:03:00.0")";
  CHECK(found.at("rig_gpu_energy_joules_total{" + gpu + "}") == 1234.5);
  CHECK(found.at("rig_gpu_energy_source{" + gpu + R"(,source="power"})") == 1);
  CHECK(found.at("rig_gpu_energy_source{" + gpu + R"(,source="accumulator"})") == 0);
  CHECK(found.at(R"(rig_gpu_busy_seconds_total{engine="gfx",)" + gpu + "}") == 12.5);
  CHECK(found.at("rig_gpu_busy_suspect{" + gpu + "}") == 1);
  CHECK(found.at(R"(rig_gpu_busy_believed_ratio{engine="media",)" + gpu + "}") == 0.5);
  CHECK(found.at("rig_gpu_power_peak_watts{" + gpu + "}") == 230);
  CHECK(found.at("rig_gpu_read_errors_total{" + gpu + R"(,reason="implausible"})") == 7);
  CHECK(found.at("rig_gpu_throttled{" + gpu + R"(,reason="power"})") == 1);
  CHECK(found.at("rig_gpu_throttle_seconds_total{" + gpu + R"(,reason="power"})") == 3.5);
  CHECK(found.at("rig_gpu_host_limited_seconds_total{" + gpu + R"(,reason="thermal"})") == 7.5);
}

TEST_CASE("Processes are exported with their owners, of GPUs that are present") {
  auto probe = probe_with({kFirst});
  probe.processes = processes_on(kFirst);
  probe.processes_at = kNow - 1s;
  probe.processes->counts[kSecond] = 3;
  const auto found = series(samples_of(probe));
  const std::string labels =
      R"({command="python3",container="",gpu="0",pci_address="0000:03:00.0",pid="4711",pod="",)"
      R"(slurm_job="",unit="jupyter.service"})";
  CHECK(found.at("rig_gpu_process_memory_bytes" + labels) == 512e6);
  CHECK(found.at("rig_gpu_process_sdma_seconds_total" + labels) == 0.25);
  CHECK(found.at("rig_gpu_process_evicted_seconds_total" + labels) == 1.5);
  CHECK(found.at("rig_gpu_process_page_faults_total" + labels) == 17);
  CHECK(found.at(R"(rig_gpu_process_migrated_bytes_total{command="python3",container="",)"
                 R"(direction="in",gpu="0",pci_address="0000:03:00.0",pid="4711",pod="",)"
                 R"(slurm_job="",unit="jupyter.service"})") == 8192);
  CHECK(found.at(R"(rig_gpu_processes{gpu="0",pci_address="0000:03:00.0"})") == 1);
  CHECK(std::none_of(found.begin(), found.end(), [](const auto& entry) {
    return entry.first.find(kSecond) != std::string::npos;
  }));
}

TEST_CASE("The collector exports what it declares") {
  auto probe = probe_with({kFirst});
  auto& gpu = probe.gpus->at(kFirst);
  gpu.reading = std::make_shared<const GpuReading>(reading_with_everything());
  GpuHistory history(1s);
  history.add(*gpu.reading, kNow);
  gpu.totals = std::make_shared<const GpuTotals>(history.totals());
  probe.processes = processes_on(kFirst);
  probe.processes_at = kNow - 1s;
  std::set<std::string_view> exported;
  const auto families = samples_of(probe).families();
  for (const auto& family : families) exported.insert(family.name);
  std::set<std::string_view> declared;
  for (const MetricInfo* metric : kGpuMetrics) declared.insert(metric->name);
  declared.erase("rig_gpu_probe_restarts_total");  // in the registry
  CHECK(exported == declared);
}
