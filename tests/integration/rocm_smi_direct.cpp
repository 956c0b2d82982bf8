// Prints what librocm_smi64 alone returns for each GPU, without the fallback to sysfs.
// rocm_smi_direct MODULE-DIRECTORY
#include <cstdio>

#include "gpu_probe/rocm_smi/gpu_library_loader.h"
#include "rig/gpu_protocol/probe_line.h"

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto [library, reason] = rig::load_gpu_library(argv[1]);
  const std::string error = library ? library->start() : reason;
  if (!error.empty()) {
    std::fprintf(stderr, "%s\n", error.c_str());
    return 1;
  }
  rig::GpuQuery all;
  all.temperatures = {"edge", "junction", "memory"};
  all.clocks = {"sclk", "mclk"};
  all.power = all.power_cap = all.fan_rpm = all.fan_ratio = true;
  all.performance_level = all.memory_size = all.memory_used = true;
  for (const auto& address : library->pci_addresses())
    std::puts(rig::to_json_line(library->read(address, all)).c_str());
}
