// The protocol between rig_gpu_probe and rig_exporter: one JSON object per line on the probe's
// standard output. The member "type" distinguishes four kinds of lines:
//   "probe"      ProbeReport: at the start, and again whenever it changes
//   "gpus"       GpuList: once per sample interval, also without any GPU; the probe's heartbeat.
//                With the interval 0 it is the answer to a request.
//   "processes"  GpuProcesses: as often
//   "gpu"        GpuReading: one sample of one GPU; none while its driver hangs
// Absent values, empty strings and numbers that are not finite are left out of the line.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

struct ProbeReport {
  std::string version;           // of rig_gpu_probe
  std::string source;            // "rocm_smi" or "sysfs"
  std::string rocm_smi_version;  // from rsmi_version_get(); empty without the library
  std::string reason;            // why rocm_smi is not used; empty if it is
  double interval_seconds = 0;   // 0: samples at requests
  // Of amdgpu if built out of tree, else the kernel release; empty if amdgpu is not loaded.
  std::string driver_version;

  bool operator==(const ProbeReport&) const = default;
};

struct GpuPresence {
  std::string pci_address;  // "0000:03:00.0"
  // How long the sample in progress has been running; 0 if none is, or for less than the interval.
  // With the interval 0 it is at least half a second, and this GPU does not answer the request.
  double waiting_seconds = 0;

  bool operator==(const GpuPresence&) const = default;
};

struct GpuList {
  std::vector<GpuPresence> gpus;  // AMD GPUs currently present, sorted by PCI address
  // How long the first read of KFD's processes has been running; 0 once it completed, or if
  // processes are not read. A later hang shows as the age of the latest "processes" line, and with
  // the interval 0 here, too.
  double processes_waiting_seconds = 0;

  bool operator==(const GpuList&) const = default;
};

// One process' use of one GPU, from KFD's files below /sys/class/kfd/kfd/proc.
struct GpuProcess {
  std::string pci_address;
  double pid = 0;
  std::string command;  // /proc/PID/comm
  // The owner, from /proc/PID/cgroup; each is empty if the process does not belong to one.
  std::string unit;       // systemd: "jupyterlab.service"
  std::string container;  // ID
  std::string pod;        // UID
  std::string slurm_job;  // number
  std::optional<double> memory_bytes;
  std::optional<double> sdma_seconds;   // counter: SDMA engine time
  std::optional<double> compute_units;  // currently occupied; Instinct only
  // Counters of the process on this GPU:
  std::optional<double> evicted_seconds;  // its queues were stopped while memory was moved
  std::optional<double> page_faults;      // of the GPU, in shared virtual memory
  LabeledNumbers migrated_bytes;          // by direction: in (to the GPU), out

  bool operator==(const GpuProcess&) const = default;
};

struct GpuProcesses {
  std::vector<GpuProcess> processes;  // those with the most memory; there may be more
  // Number of all processes with memory on a GPU, by PCI address; GPUs without a known count are
  // absent.
  std::map<std::string, double> counts;

  bool operator==(const GpuProcesses&) const = default;
};

using ProbeLine = std::variant<ProbeReport, GpuList, GpuProcesses, GpuReading>;

// The line contains no newline and does not end with one.
std::string to_json_line(const ProbeLine& line);

// Make `text` the same line, in the memory that it has.
void write_json_line(std::string& text, const ProbeReport& report);
void write_json_line(std::string& text, const GpuList& list);
void write_json_line(std::string& text, const GpuProcesses& processes);
void write_json_line(std::string& text, const GpuReading& reading);

// Unknown members, such as those of a newer probe, are ignored. std::nullopt if the text is not a
// JSON object, its type is unknown, a member has the wrong type, or a GPU has no PCI address. Never
// throws, for any input.
std::optional<ProbeLine> parse_probe_line(std::string_view text);

}  // namespace rig
