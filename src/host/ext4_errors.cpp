#include "host/ext4_errors.h"

#include <string>

#include "rig/kernel/best_effort_reader.h"

namespace rig {

Ext4Errors read_ext4_errors(const std::filesystem::path& sys, unsigned device_major,
                            unsigned device_minor) {
  const std::string number = std::to_string(device_major) + ":" + std::to_string(device_minor);
  const auto name = link_target_name(sys.native() + "/dev/block/" + number);
  if (!name) return {};
  const std::string directory = sys.native() + "/fs/ext4/" + *name;
  BestEffortReader reader;
  Ext4Errors errors;
  errors.errors = reader.number<std::uint64_t>(directory + "/errors_count");
  errors.warnings = reader.number<std::uint64_t>(directory + "/warning_count");
  errors.problems = reader.take_problems();
  return errors;
}

}  // namespace rig
