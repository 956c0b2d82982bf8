#include "host/numa_nodes.h"

#include "rig/kernel/best_effort_reader.h"

namespace rig {

NumaNodes read_numa_nodes(const std::filesystem::path& sys) {
  constexpr std::string_view kPrefix = "node";
  const auto directory = sys / "devices/system/node";
  BestEffortReader reader;
  NumaNodes found;
  for (const std::string& name : reader.names(directory)) {
    if (!name.starts_with(kPrefix)) continue;
    const auto number = parse_number<unsigned>(name.substr(kPrefix.size()));
    if (!number) continue;
    const auto file = directory / name / "meminfo";
    const auto text = reader.text(file);
    if (!text) continue;
    found.nodes.push_back({std::to_string(*number), parse_meminfo(*text)});
    for (const std::string& line : found.nodes.back().memory.malformed)
      reader.add_problem(Problem::malformed(file, line));
  }
  found.problems = reader.take_problems();
  return found;
}

}  // namespace rig
