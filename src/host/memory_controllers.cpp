#include "host/memory_controllers.h"

#include <string_view>

#include "rig/kernel/best_effort_reader.h"

namespace rig {

MemoryControllers read_memory_controllers(const std::string& sys) {
  constexpr std::string_view kPrefix = "mc";
  const std::string directory = sys + "/devices/system/edac/mc";
  BestEffortReader reader;
  MemoryControllers found;
  for (const std::string& name : reader.names(directory)) {
    if (!name.starts_with(kPrefix) || !parse_number<unsigned>(name.substr(kPrefix.size())))
      continue;
    found.controllers.push_back(
        {.name = name,
         .correctable = reader.number<std::uint64_t>(directory + "/" + name + "/ce_count"),
         .uncorrectable = reader.number<std::uint64_t>(directory + "/" + name + "/ue_count")});
  }
  found.problems = reader.take_problems();
  return found;
}

}  // namespace rig
