// The members of the structs in a line, in the order in which they are written.
#pragma once

#include <type_traits>

#include "rig/gpu_protocol/gpu_fields.h"
#include "rig/gpu_protocol/probe_line.h"

namespace rig {

// Calls member(NAME, self.NAME) for each. `self` may be const.
template <typename Self, typename Visitor>
void visit_members(Self& self, Visitor&& member) {
  using T = std::remove_const_t<Self>;
  if constexpr (std::is_same_v<T, ProbeReport>) {
    member("version", self.version);
    member("source", self.source);
    member("rocm_smi_version", self.rocm_smi_version);
    member("reason", self.reason);
    member("interval_seconds", self.interval_seconds);
    member("driver_version", self.driver_version);
  } else if constexpr (std::is_same_v<T, GpuPresence>) {
    member("pci_address", self.pci_address);
    member("waiting_seconds", self.waiting_seconds);
  } else if constexpr (std::is_same_v<T, GpuList>) {
    member("gpus", self.gpus);
    member("processes_waiting_seconds", self.processes_waiting_seconds);
  } else if constexpr (std::is_same_v<T, GpuProcesses>) {
    member("processes", self.processes);
    member("counts", self.counts);
  } else if constexpr (std::is_same_v<T, GpuProcess>) {
    member("pci_address", self.pci_address);
    member("pid", self.pid);
    member("command", self.command);
    member("unit", self.unit);
    member("container", self.container);
    member("pod", self.pod);
    member("slurm_job", self.slurm_job);
    member("memory_bytes", self.memory_bytes);
    member("sdma_seconds", self.sdma_seconds);
    member("compute_units", self.compute_units);
    member("evicted_seconds", self.evicted_seconds);
    member("page_faults", self.page_faults);
    member("migrated_bytes", self.migrated_bytes);
  } else if constexpr (std::is_same_v<T, Problem>) {
    member("reason", self.reason);
    member("path", self.path);
    member("detail", self.detail);
  } else if constexpr (std::is_same_v<T, GpuIdentity>) {
    member("name", self.name);
    member("unique_id", self.unique_id);
    member("serial", self.serial);
    member("device_id", self.device_id);
    member("revision", self.revision);
    member("subsystem_id", self.subsystem_id);
    member("vbios_version", self.vbios_version);
    member("memory_vendor", self.memory_vendor);
    member("card", self.card);
    member("render", self.render);
  } else {
    static_assert(std::is_same_v<T, GpuReading>);
    member("pci_address", self.pci_address);
    member("identity", self.identity);
    for_each_gpu_field([&](const auto& field) { member(field.name, self.*field.member); });
    member("took_seconds", self.took_seconds);
    member("read_errors", self.read_errors);
    member("problems", self.problems);
  }
}

}  // namespace rig
