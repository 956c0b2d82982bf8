#include "host/cpu_list.h"

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {

std::optional<std::vector<unsigned>> parse_cpu_list(std::string_view text) {
  std::vector<unsigned> cpus;
  if (is_truncated(text)) return std::nullopt;
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

ReadResult<std::vector<unsigned>> read_cpu_list(const std::string& file) {
  const auto text = read_attribute(file);
  if (text.problem() != nullptr) return *text.problem();
  if (!text) return std::nullopt;
  if (is_truncated(*text)) return Problem::truncated(file);
  auto cpus = parse_cpu_list(*text);
  if (!cpus) return Problem::malformed(file, trim(*text));
  return cpus;
}

}  // namespace rig
