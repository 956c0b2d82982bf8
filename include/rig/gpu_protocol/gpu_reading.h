// The values of one GPU at one moment, which rig_gpu_probe reports as a sample and rig_exporter
// exports.
//
// Values are in base units. A value that could not be read is absent, not 0.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rig/kernel/problem.h"

namespace rig {

// By the value of the metric's label, for example a sensor: "edge".
using LabeledNumbers = std::map<std::string, double>;
using LabeledTexts = std::map<std::string, std::string>;
// By two labels, for example block and severity.
using NestedNumbers = std::map<std::string, LabeledNumbers>;

inline std::optional<double> value_in(const LabeledNumbers& values, const std::string& label) {
  const auto found = values.find(label);
  return found == values.end() ? std::nullopt : std::optional(found->second);
}

struct GpuIdentity {  // empty: unknown
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

  // One member for each row of the table, for example std::optional<double> fan_rpm.
#define RIG_GPU_FIELD(Type, field, ...) Type field;
#include "rig/gpu_protocol/gpu_fields.def"

  // The time from the beginning of the sample until it was complete.
  std::optional<double> took_seconds;
  // Reads of this sample that returned no value, by reason: unsupported, suspended, reset,
  // permission, timeout, io, implausible.
  std::map<std::string, double> read_errors;
  // Files that exist but could not be read, or are malformed or implausible.
  std::vector<Problem> problems;

  bool operator==(const GpuReading&) const = default;
};

// True while the GPU is runtime-suspended or about to change between suspended and active.
// "unsupported" and "error" mean that the GPU has no runtime power management and is awake.
inline bool may_be_asleep(const std::optional<std::string>& runtime_state) {
  return runtime_state == "suspended" || runtime_state == "suspending" ||
         runtime_state == "resuming";
}

}  // namespace rig
