// A finding of the doctor, as human-readable text.
#pragma once

#include <string>
#include <vector>

namespace rig {

enum class Level {
  ok,
  note,    // worth knowing; may be intended
  problem  // needs to be fixed
};

// Subjects of findings.
inline constexpr const char* kExporterSubject = "Exporter";
inline constexpr const char* kGpuSubject = "GPUs";
inline constexpr const char* kHostSubject = "Host";
inline constexpr const char* kRaidSubject = "RAID";

struct Finding {
  Level level = Level::ok;
  std::string subject;
  std::string what;
  std::string advice;  // what to do about it; may be empty
};

using Findings = std::vector<Finding>;

}  // namespace rig
