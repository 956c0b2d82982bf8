// Snapshots of a probe, and their samples.
#pragma once

#include <chrono>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "gpu/derived/gpu_history.h"
#include "gpu/gpu_samples.h"
#include "gpu_protocol/full_reading.h"
#include "support/series.h"

namespace rig {

using namespace std::chrono_literals;

constexpr const char* kFirst = "0000:03:00.0";
constexpr const char* kSecond = "0000:06:00.0";
inline const std::chrono::steady_clock::time_point kNow{1000h};

inline std::set<std::string> names_of(const Samples& samples, const std::string& gpu) {
  std::set<std::string> names;
  for (const auto& [name, value] : series(samples)) {
    if (name.find("gpu=\"" + gpu + '"') != name.npos) names.insert(name.substr(0, name.find('{')));
  }
  return names;
}

inline GpuReading idle_rx6800(const std::string& address) {
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

// With a value in every field.
inline GpuReading reading_with_everything() {
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
  reading.xgmi_link_lanes = {{"all", 16}};
  reading.xgmi_link_transfers_per_second = {{"all", 32e9}};
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
  return with_all_fields(reading);
}

inline GpuProcesses processes_on(const std::string& address) {
  GpuProcess process;
  process.pci_address = address;
  process.pid = 4711;
  process.command = "python3";
  process.unit = "jupyter.service";
  process.memory_bytes = 512e6;
  process.sdma_seconds = 0.25;
  process.compute_units = 60;
  process.evicted_seconds = 1.5;
  process.page_faults = 17;
  process.migrated_bytes = {{"in", 8192}, {"out", 4096}};
  return {{process}, {{address, 1}}};
}

// A probe that lists these GPUs, each with a fresh reading.
inline ProbeSnapshot probe_with(std::initializer_list<const char*> addresses) {
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

inline void change(ProbeSnapshot& probe, const char* address,
                   const std::function<void(GpuReading&)>& how) {
  auto& gpu = probe.gpus->at(address);
  auto copy = *gpu.reading;
  how(copy);
  gpu.reading = std::make_shared<const GpuReading>(std::move(copy));
}

inline Samples samples_of(const ProbeSnapshot& probe, GpuIndices& indices) {
  Samples samples;
  add_gpu_samples(samples, probe, indices, kNow, 3s);
  return samples;
}

inline Samples samples_of(const ProbeSnapshot& probe) {
  GpuIndices indices;
  return samples_of(probe, indices);
}

inline std::string up(const char* gpu, const char* address) {
  return std::string("rig_gpu_up{gpu=\"") + gpu + "\",pci_address=\"" + address + "\"}";
}

}  // namespace rig
