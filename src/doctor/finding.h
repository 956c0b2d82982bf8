// A result of the doctor, in words for people.
#pragma once

#include <string>
#include <vector>

namespace rig {

enum class Level {
  ok,
  note,    // worth knowing; may be intended
  problem  // somebody can fix it
};

struct Finding {
  Level level = Level::ok;
  std::string subject;  // "GPUs", "RAID", "Host", "Exporter"
  std::string what;
  std::string advice;  // what to do about it; may be empty
};

using Findings = std::vector<Finding>;

}  // namespace rig
