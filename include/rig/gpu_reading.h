// What rig_gpu_probe says on its standard output, one JSON object a line, and what rig_exporter
// reads there.
//
// There are three kinds of lines, told apart by their member "type":
//   "probe"  once at the start, and again whenever it changes: what reads the GPUs
//   "gpus"   once every sample interval, also when there is no GPU: which are present. It is the
//            probe's heartbeat.
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

  bool operator==(const GpuList&) const = default;
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

  std::map<std::string, double> temperature_celsius;  // by sensor: edge, junction, memory
  // By sensor, then by limit: critical, emergency.
  std::map<std::string, std::map<std::string, double>> temperature_limit_celsius;
  std::optional<double> power_watts;
  std::optional<double> power_cap_watts;
  std::map<std::string, double> clock_hertz;  // by clock: sclk, mclk
  std::optional<double> fan_rpm;
  std::optional<double> fan_max_rpm;
  std::optional<double> fan_ratio;
  std::optional<std::string> performance_level;     // the kernel's word: "auto"
  std::map<std::string, double> busy_ratio;         // by engine: gfx
  std::map<std::string, double> memory_size_bytes;  // by kind: vram
  std::map<std::string, double> memory_used_bytes;  // by kind: vram

  // "PATH: Input/output error": what was there and could not be read, or made no sense.
  std::vector<std::string> problems;

  bool operator==(const GpuReading&) const = default;
};

using ProbeLine = std::variant<ProbeReport, GpuList, GpuReading>;

// One line, without a newline in it or after it.
std::string to_json_line(const ProbeLine& line);

// The other way. Members that are not known are passed over (a newer probe). Absent when the text
// is no JSON object, its type is unknown, a member has a wrong type, or a GPU has no PCI address.
// Never throws, whatever the bytes are.
std::optional<ProbeLine> parse_probe_line(std::string_view text);

}  // namespace rig
