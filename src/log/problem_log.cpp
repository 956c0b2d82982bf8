#include "rig/log/problem_log.h"

#include <fmt/format.h>

#include <algorithm>

#include "rig/log/log.h"

namespace rig {
namespace {

constexpr auto kRepeatAfter = std::chrono::hours(1);

}  // namespace

void ProblemLog::update(std::span<const std::string> problems) {
  const std::lock_guard lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  for (const auto& problem : problems) {
    const auto [known, is_new] = logged_.try_emplace(problem, now);
    if (!is_new && now - known->second < kRepeatAfter) continue;
    known->second = now;
    log_warn(fmt::format("{}: {}", source_, problem));
  }
  const bool was_ill = !logged_.empty();
  std::erase_if(logged_, [&](const auto& known) {
    return std::find(problems.begin(), problems.end(), known.first) == problems.end();
  });
  if (was_ill && logged_.empty()) log_info(fmt::format("{}: well again", source_));
}

}  // namespace rig
