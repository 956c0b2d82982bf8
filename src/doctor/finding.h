// What the doctor has found, one thing each, in words for people.
#pragma once

#include <string>
#include <vector>

namespace rig {

enum class Level {
  ok,
  note,  // worth knowing, and as it may be meant
  wrong  // somebody can mend it
};

struct Finding {
  Level level = Level::ok;
  std::string subject;  // "GPUs", "RAID", "Host", "Exporter"
  std::string what;
  std::string advice;  // what to do about it; may be empty
};

using Findings = std::vector<Finding>;

}  // namespace rig
