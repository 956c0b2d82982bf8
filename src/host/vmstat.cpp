#include "host/vmstat.h"

#include "rig/kernel/text.h"

namespace rig {
namespace {

std::optional<double> Vmstat::*field_of(std::string_view name) {
  if (name == "pswpin") return &Vmstat::swapped_in_pages;
  if (name == "pswpout") return &Vmstat::swapped_out_pages;
  if (name == "pgmajfault") return &Vmstat::major_faults;
  if (name == "oom_kill") return &Vmstat::oom_kills;
  return nullptr;
}

}  // namespace

Vmstat parse_vmstat(std::string_view text) {
  Vmstat vmstat;
  bool counts_events = false;
  bool counts_faults = false;
  bool has_thresholds = false;
  bool counts_kills = false;
  bool has_kills = false;
  for (const std::string_view line : complete_lines(text)) {
    const Split split = split_at(line, ' ');
    counts_events = counts_events || split.before == "pgpgin";
    counts_faults = counts_faults || split.before == "pgmajfault";
    has_thresholds = has_thresholds || split.before == "nr_dirty_background_threshold";
    has_kills = has_kills || split.before == "oom_kill";
    // Of Linux 4.20 and later.
    counts_kills = counts_kills || split.before == "nr_kernel_misc_reclaimable";
    const auto field = field_of(split.before);
    if (!field) continue;
    const auto count = parse_number<unsigned long long>(split.after);
    if (!count) {
      vmstat.malformed.emplace_back(line);
      continue;
    }
    vmstat.*field = static_cast<double>(*count);
  }
  if (!counts_faults && (counts_events || !has_thresholds))
    vmstat.missing.emplace_back("pgmajfault");
  if (counts_events && counts_kills && !has_kills) vmstat.missing.emplace_back("oom_kill");
  return vmstat;
}

}  // namespace rig
