#include "host/cpu_list.h"

#include "rig/kernel/text.h"

namespace rig {

std::optional<std::vector<unsigned>> parse_cpu_list(std::string_view text) {
  std::vector<unsigned> cpus;
  text = trim(text);
  while (!text.empty()) {
    const Split item = split_at(text, ',');
    const Split range = split_at(item.before, '-');
    const bool is_range = item.before.find('-') != std::string_view::npos;
    const auto first = parse_number<unsigned>(range.before);
    const auto last = is_range ? parse_number<unsigned>(range.after) : first;
    if (!first || !last || *first > *last || *last >= kMaxCpus) return std::nullopt;
    for (unsigned cpu = *first; cpu <= *last; ++cpu) cpus.push_back(cpu);
    text = item.after;
  }
  return cpus;
}

}  // namespace rig
