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

// In lines that begin with `indent` blanks, the first with `begin` behind them.
std::string wrapped(std::size_t indent, std::string_view begin, std::string_view text) {
  const std::string clean = printable(text);
  const std::string blanks(indent, ' ');
  std::string line = blanks + std::string(begin);
  std::string result;
  bool fresh = true;
  for (const auto word : words(clean)) {
    if (!fresh && line.size() + 1 + word.size() > kColumns) {
      result += line + "\n";
      line = blanks + "  ";
      fresh = true;
    }
    if (!fresh) line += ' ';
    line += word;
    fresh = false;
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
  const auto wrong = count(findings, Level::wrong);
  const auto notes = count(findings, Level::note);
  const std::string first = wrong == 0   ? "All is well"
                            : wrong == 1 ? "1 thing is wrong"
                                         : fmt::format("{} things are wrong", wrong);
  if (notes == 0) return first + ".\n";
  return fmt::format("{}, {} {} worth knowing.\n", first, notes,
                     notes == 1 ? "thing is" : "things are");
}

std::string chapter(std::span<const Finding> findings, Level level, std::string_view title) {
  if (count(findings, level) == 0) return {};
  std::string text = fmt::format("\n{}\n", title);
  for (const auto& finding : findings) {
    if (finding.level != level) continue;
    text += wrapped(2, "", sentence(finding.subject + ": " + finding.what));
    if (!finding.advice.empty()) text += wrapped(4, "What to do: ", sentence(finding.advice));
  }
  return text;
}

struct SameMetrics {
  const CardMetrics* metrics;
  std::vector<std::string> cards;
};

std::vector<SameMetrics> by_metrics(std::span<const CardMetrics> cards) {
  std::vector<SameMetrics> groups;
  for (const auto& card : cards) {
    const auto same = [&](const SameMetrics& group) {
      return group.metrics->present == card.present && group.metrics->absent == card.absent;
    };
    auto group = std::ranges::find_if(groups, same);
    if (group == groups.end()) group = groups.insert(groups.end(), {&card, {}});
    group->cards.push_back(fmt::format("GPU {} ({})", card.gpu, card.pci_address));
  }
  return groups;
}

std::string metrics_text(const SameMetrics& group) {
  const CardMetrics& metrics = *group.metrics;
  const auto all = metrics.present.size() + metrics.absent.size();
  std::string text =
      "\n" + wrapped(0, "",
                     fmt::format("METRICS OF {}: {} of {}", fmt::join(group.cards, ", "),
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
    text += wrapped(2, "No ", names + ": " + reason + ".");
  return text + wrapped(2, "There are ", fmt::format("{}.", fmt::join(metrics.present, ", ")));
}

}  // namespace

std::string doctor_text(std::span<const Finding> findings, std::span<const CardMetrics> cards) {
  std::string text = summary(findings);
  text += chapter(findings, Level::wrong, "WRONG");
  text += chapter(findings, Level::note, "WORTH KNOWING");
  text += chapter(findings, Level::ok, "WELL");
  for (const auto& group : by_metrics(cards)) text += metrics_text(group);
  return text;
}

}  // namespace rig
