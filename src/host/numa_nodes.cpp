#include "host/numa_nodes.h"

#include "host/required_file.h"
#include "rig/kernel/best_effort_reader.h"

namespace rig {

NumaNodes read_numa_nodes(const std::string& sys) {
  constexpr std::string_view kPrefix = "node";
  const std::string directory = sys + "/devices/system/node";
  BestEffortReader reader;
  NumaNodes found;
  for (const std::string& name : reader.names(directory)) {
    if (!name.starts_with(kPrefix)) continue;
    const auto number = parse_number<unsigned>(name.substr(kPrefix.size()));
    if (!number) continue;
    const auto file = directory + "/" + name + "/meminfo";
    const auto text = reader.value(read_attribute(file));
    if (!text) continue;
    found.nodes.push_back({std::to_string(*number), parse_meminfo(*text)});
    Meminfo& memory = found.nodes.back().memory;
    for (Problem& problem : remove_implausible(memory, file)) reader.add_problem(problem);
    for (const std::string& line : memory.malformed)
      reader.add_problem(Problem::malformed(file, line));
    if (const auto problem = incomplete(file, *text, memory.missing)) reader.add_problem(*problem);
  }
  found.problems = reader.take_problems();
  return found;
}

}  // namespace rig
