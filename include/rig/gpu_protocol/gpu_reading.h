// What rig_gpu_probe says on its standard output, one JSON object a line, and what rig_exporter
// reads there.
//
// There are four kinds of lines, told apart by their member "type":
//   "probe"  once at the start, and again whenever it changes: what reads the GPUs
//   "gpus"   once every sample interval, also when there is no GPU: which are present. It is the
//            probe's heartbeat.
//   "processes"  as often: who holds compute memory on which GPU
//   "gpu"    one GPU's reading. A card whose driver does not answer gives none until it does.
//
// Values are in base units. One that was not read is left out of the line, and so is one that is
// not a finite number. Maps are keyed by the label value that the metric has for it ("edge",
// "sclk", "vram"), so that a new sensor needs no new member.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace rig {

struct ProbeReport {
  std::string version;           // of rig_gpu_probe
  std::string source;            // "rocm_smi" or "sysfs"
  std::string rocm_smi_version;  // as rsmi_version_get says it; empty without the library
  std::string reason;            // why not rocm_smi, when it is not
  double interval_seconds = 0;
  std::string driver_version;  // of amdgpu; where it has none of its own, the kernel's release

  bool operator==(const ProbeReport&) const = default;
};

struct GpuPresence {
  std::string pci_address;  // "0000:03:00.0"
  // How long the read that is out has been out; 0 when none is, or it is younger than the interval.
  double waiting_seconds = 0;

  bool operator==(const GpuPresence&) const = default;
};

struct GpuList {
  std::vector<GpuPresence> gpus;  // AMD's GPUs that are there now, sorted by PCI address
  // For how long KFD has been asked, for the first time, who uses them; 0: it has answered, or
  // nobody asks. Later its silence shows by the age of what it said last.
  double processes_waiting_seconds = 0;

  bool operator==(const GpuList&) const = default;
};

// One process' share of one GPU, from KFD's files below /sys/class/kfd/kfd/proc.
struct GpuProcess {
  std::string pci_address;
  double pid = 0;
  std::string command;  // /proc/PID/comm
  // Whose it is, from /proc/PID/cgroup; empty: of nobody of that kind.
  std::string unit;       // of systemd: "jupyterlab.service"
  std::string container;  // id
  std::string pod;        // uid
  std::string slurm_job;  // number
  std::optional<double> memory_bytes;
  std::optional<double> sdma_seconds;   // time that its copies took; only grows
  std::optional<double> compute_units;  // occupied now; Instinct

  bool operator==(const GpuProcess&) const = default;
};

struct GpuProcesses {
  std::vector<GpuProcess> processes;  // the largest; there may be more
  // How many processes hold memory on a GPU, all of them, by PCI address. A GPU of which that is
  // not known is not in it.
  std::map<std::string, double> counts;

  bool operator==(const GpuProcesses&) const = default;
};

struct GpuIdentity {  // an empty string is unknown
  std::string name;   // marketing name
  std::string unique_id;
  std::string serial;
  std::string device_id;     // "0x73bf"
  std::string revision;      // "0xc3"
  std::string subsystem_id;  // "0x2407"
  std::string vbios_version;
  std::string memory_vendor;
  std::string card;    // "card0"
  std::string render;  // "renderD128"

  bool operator==(const GpuIdentity&) const = default;
};

struct GpuReading {
  std::string pci_address;
  GpuIdentity identity;
  // power/runtime_status. In the states "suspended", "suspending" and "resuming" nothing was asked
  // that could wake the card: the values are absent.
  std::optional<std::string> runtime_state;
  // For so long the card is left alone, to let it fall asleep: it has no values now.
  std::optional<double> left_alone_seconds;

  // By sensor: edge, junction, memory, hbm0 …, vr_gfx, vr_soc, vr_memory.
  std::map<std::string, double> temperature_celsius;
  // By sensor, then by limit: critical, emergency.
  std::map<std::string, std::map<std::string, double>> temperature_limit_celsius;
  std::optional<double> power_watts;
  std::optional<double> power_cap_watts;
  std::optional<double> power_cap_min_watts;
  std::optional<double> power_cap_max_watts;
  std::optional<double> power_cap_default_watts;
  // The hardware's accumulator as it stands: it may wrap at 65536 J, stand still, or run backwards.
  std::optional<double> energy_joules;
  // By clock: sclk, mclk, fclk, socclk, dcefclk, vclk, dclk. Lowest and highest DPM level.
  std::map<std::string, double> clock_hertz;
  std::map<std::string, double> clock_min_hertz;
  std::map<std::string, double> clock_max_hertz;
  std::map<std::string, double> voltage_volts;  // by rail: gfx, soc, memory
  std::optional<double> fan_rpm;
  std::optional<double> fan_max_rpm;
  std::optional<double> fan_ratio;
  std::optional<std::string> performance_level;     // the kernel's word: "auto"
  std::map<std::string, double> overdrive_ratio;    // by clock: sclk, mclk
  std::map<std::string, double> busy_ratio;         // by engine: gfx, memory, media
  std::map<std::string, double> memory_size_bytes;  // by kind: vram, visible_vram, gtt
  std::map<std::string, double> memory_used_bytes;  // by kind: vram, visible_vram, gtt
  // 1 while it is limited for that reason, else 0; absent where the card does not tell.
  std::map<std::string, double> throttled;
  // How many of the firmware's cycles it was limited for that reason, and how many there were.
  std::map<std::string, double> throttle_cycles;
  std::optional<double> counted_cycles;
  std::optional<double> pcie_transfers_per_second;
  std::optional<double> pcie_max_transfers_per_second;
  std::optional<double> pcie_lanes;
  std::optional<double> pcie_max_lanes;
  // By kind: replays, replay_rollovers, recoveries, naks_sent, naks_received.
  std::map<std::string, double> pcie_errors;
  // By block, then by severity: correctable, uncorrectable, deferred.
  std::map<std::string, std::map<std::string, double>> ecc_errors;
  std::map<std::string, double> bad_pages;  // by state: retired, pending, unreservable
  // By link, then by direction: read, write.
  std::map<std::string, std::map<std::string, double>> xgmi_bytes;
  std::string compute_partition;                // "SPX"
  std::string memory_partition;                 // "NPS1"
  std::map<std::string, std::string> firmware;  // version by block: "smc" -> "0x003a5400"
  std::optional<double> numa_node;
  std::optional<double> suspended_seconds;  // since the driver was loaded

  std::optional<double> took_seconds;  // from when the sample was asked for until it was there

  // How many reads of this sample brought no value, by why: unsupported, suspended, reset,
  // permission, timeout, io, implausible.
  std::map<std::string, double> read_errors;
  // "PATH: Input/output error": what was there and could not be read, or made no sense.
  std::vector<std::string> problems;

  bool operator==(const GpuReading&) const = default;
};

// Suspended, or on the way there or back. "unsupported" and "error" are cards without runtime power
// management: awake.
inline bool may_be_asleep(const std::optional<std::string>& runtime_state) {
  return runtime_state == "suspended" || runtime_state == "suspending" ||
         runtime_state == "resuming";
}

using ProbeLine = std::variant<ProbeReport, GpuList, GpuProcesses, GpuReading>;

// One line, without a newline in it or after it.
std::string to_json_line(const ProbeLine& line);

// The other way. Members that are not known are passed over (a newer probe). Absent when the text
// is no JSON object, its type is unknown, a member has a wrong type, or a GPU has no PCI address.
// Never throws, whatever the bytes are.
std::optional<ProbeLine> parse_probe_line(std::string_view text);

}  // namespace rig
