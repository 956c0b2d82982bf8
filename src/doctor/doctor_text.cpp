#include "doctor/doctor_text.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "rig/kernel/text.h"
#include "rig/kernel/utf8.h"

namespace rig {
namespace {

constexpr std::size_t kColumns = 100;

std::string printable(std::string_view text) {
  std::string clean = valid_utf8(text);
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return clean;
}

// Lines that are indented by `indent` spaces; the first one starts with `begin`.
std::string wrapped(std::size_t indent, std::string_view begin, std::string_view text) {
  const std::string clean = printable(text);
  const std::string spaces(indent, ' ');
  std::string line = spaces + std::string(begin);
  std::string result;
  bool line_start = true;
  for (const auto word : words(clean)) {
    if (!line_start && line.size() + 1 + word.size() > kColumns) {
      result += line + "\n";
      line = spaces + "  ";
      line_start = true;
    }
    if (!line_start) line += ' ';
    line += word;
    line_start = false;
  }
  return result + line + "\n";
}

std::string sentence(const std::string& text) {
  const bool ended = text.ends_with('.') || text.ends_with('?') || text.ends_with('!');
  return ended ? text : text + ".";
}

std::size_t count(std::span<const Finding> findings, Level level) {
  return static_cast<std::size_t>(std::ranges::count(findings, level, &Finding::level));
}

std::string summary(std::span<const Finding> findings) {
  const auto problems = count(findings, Level::problem);
  const auto notes = count(findings, Level::note);
  const std::string first = problems == 0   ? "No problems found"
                            : problems == 1 ? "1 problem found"
                                            : fmt::format("{} problems found", problems);
  if (notes == 0) return first + ".\n";
  return fmt::format("{}, {} {}.\n", first, notes, notes == 1 ? "note" : "notes");
}

std::string section(std::span<const Finding> findings, Level level, std::string_view title) {
  if (count(findings, level) == 0) return {};
  std::string text = fmt::format("\n{}\n", title);
  for (const auto& finding : findings) {
    if (finding.level != level) continue;
    text += wrapped(2, "", sentence(finding.subject + ": " + finding.what));
    if (!finding.advice.empty()) text += wrapped(4, "What to do: ", sentence(finding.advice));
  }
  return text;
}

// GPUs that have the same metrics.
struct GpuGroup {
  const GpuMetricList* metrics;
  std::vector<std::string> gpus;
};

std::vector<GpuGroup> group_by_metrics(std::span<const GpuMetricList> gpus) {
  std::vector<GpuGroup> groups;
  for (const auto& gpu : gpus) {
    const auto has_same = [&](const GpuGroup& group) {
      return group.metrics->present == gpu.present && group.metrics->absent == gpu.absent;
    };
    auto group = std::ranges::find_if(groups, has_same);
    if (group == groups.end()) group = groups.insert(groups.end(), {&gpu, {}});
    group->gpus.push_back(fmt::format("GPU {} ({})", gpu.gpu, gpu.pci_address));
  }
  return groups;
}

std::string metrics_text(const GpuGroup& group) {
  const GpuMetricList& metrics = *group.metrics;
  const auto all = metrics.present.size() + metrics.absent.size();
  std::string text =
      "\n" + wrapped(0, "",
                     fmt::format("METRICS OF {}: {} of {}", fmt::join(group.gpus, ", "),
                                 metrics.present.size(), all));
  std::vector<std::pair<std::string, std::string>> by_reason;  // the metrics, the reason
  for (const auto& [name, reason] : metrics.absent) {
    const auto known =
        std::ranges::find(by_reason, reason, &std::pair<std::string, std::string>::second);
    if (known == by_reason.end())
      by_reason.emplace_back(name, reason);
    else
      known->first += ", " + name;
  }
  for (const auto& [names, reason] : by_reason)
    text += wrapped(2, "Absent: ", names + ": " + reason + ".");
  return text + wrapped(2, "Present: ", fmt::format("{}.", fmt::join(metrics.present, ", ")));
}

}  // namespace

std::string doctor_text(std::span<const Finding> findings, std::span<const GpuMetricList> gpus) {
  std::string text = summary(findings);
  text += section(findings, Level::problem, "PROBLEMS");
  text += section(findings, Level::note, "NOTES");
  text += section(findings, Level::ok, "OK");
  for (const auto& group : group_by_metrics(gpus)) text += metrics_text(group);
  return text;
}

}  // namespace rig
