#include "rig/log/problem_log.h"

#include <fmt/format.h>

#include "rig/log/log.h"

namespace rig {
namespace {

constexpr auto kRepeatAfter = std::chrono::hours(1);

}  // namespace

void ProblemLog::update(std::span<const Problem> problems) {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  std::map<std::string, Time, std::less<>> current;
  for (const auto& problem : problems) {
    std::string text = to_string(problem);
    const auto known = logged_.find(text);
    const bool is_due = known == logged_.end() || now - known->second >= kRepeatAfter;
    const auto [entry, is_first] = current.try_emplace(text, is_due ? now : known->second);
    if (is_due && is_first) log_warn(fmt::format("{}: {}", source_, text));
  }
  if (current.empty() && !logged_.empty())
    log_info(fmt::format("{}: all problems are resolved", source_));
  logged_ = std::move(current);
}

}  // namespace rig
