#include "rig/log/problem_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "rig/log/log.h"

namespace rig {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr hours kRepeatAfter{1};
constexpr int kMaxTimesPerHour = 3;
constexpr int kMaxLinesPerMinute = 20;
constexpr std::size_t kMaxEntries = 500;

std::string key_of(const Problem& problem) {
  return fmt::format("{} {}", to_string(problem.reason), problem.path);
}

// "/proc/meminfo (permission_denied)"
std::string description(std::string_view key) {
  const auto reason = key.substr(0, key.find(' '));
  const auto path = key.substr(reason.size() + 1);
  return path.empty() ? std::string(reason) : fmt::format("{} ({})", path, reason);
}

// Whether something was not read because of it, so that other problems may persist unnoticed.
bool hides_others(const Problem& problem) {
  return problem.path.empty() || problem.reason == Reason::timed_out ||
         problem.reason == Reason::failed || problem.reason == Reason::unavailable;
}

}  // namespace

void ProblemLog::update(std::span<const Problem> problems, Time now) {
  update(problems, std::ranges::none_of(problems, hides_others), now);
}

void ProblemLog::add(std::span<const Problem> problems, Time now) { update(problems, false, now); }

void ProblemLog::update(std::span<const Problem> problems, bool complete, Time now) {
  const std::lock_guard lock(mutex_);
  std::set<std::string> current;
  std::size_t left_out = 0;
  for (const auto& unbounded : problems) {
    const Problem problem = bounded(unbounded);
    if (current.insert(key_of(problem)).second && !log(problem, now)) ++left_out;
  }
  for (auto& [key, entry] : logged_) entry.current = current.contains(key);
  if (left_out > 0) write_left_out(left_out, now);
  if (complete) log_ends(current.empty(), now);
  forget_old(now);
}

// Returns false if it should be logged, but there are too many.
bool ProblemLog::log(const Problem& problem, Time now) {
  const auto known = logged_.find(key_of(problem));
  if (known != logged_.end()) {
    auto& entry = known->second;
    if (now - entry.first >= kRepeatAfter) entry.times = 0;
    const bool is_due = entry.times == 0 || (!entry.current && entry.times < kMaxTimesPerHour);
    if (!is_due) return true;
  } else if (logged_.size() >= kMaxEntries) {
    return false;
  }
  if (!may_write(now)) return false;
  auto& entry = logged_[key_of(problem)];
  if (entry.times++ == 0) entry.first = now;
  entry.last = now;
  entry.open = true;
  log_warn(fmt::format("{}: {}", source_, to_string(problem)));
  return true;
}

void ProblemLog::log_ends(bool none_left, Time now) {
  const auto is_open = [](const auto& item) { return item.second.open; };
  if (std::ranges::none_of(logged_, is_open)) return;
  if (none_left) {
    log_info(fmt::format("{}: all problems are resolved", source_));
    for (auto& [key, entry] : logged_) entry.open = false;
    return;
  }
  for (auto& [key, entry] : logged_) {
    if (entry.current || !entry.open) continue;
    if (!may_write(now)) return;  // logged later
    entry.open = false;
    log_info(fmt::format("{}: resolved: {}", source_, description(key)));
  }
}

void ProblemLog::forget_old(Time now) {
  std::erase_if(logged_, [&](const auto& item) {
    return !item.second.current && !item.second.open && now - item.second.last >= kRepeatAfter;
  });
}

bool ProblemLog::may_write(Time now) {
  if (minute_start_ == Time::min() || now - minute_start_ >= minutes(1)) {
    minute_start_ = now;
    lines_in_minute_ = 0;
  }
  return ++lines_in_minute_ <= kMaxLinesPerMinute;
}

void ProblemLog::write_left_out(std::size_t count, Time now) {
  if (left_out_at_ != Time::min() && now - left_out_at_ < minutes(1)) return;
  left_out_at_ = now;
  log_warn(fmt::format("{}: and {} more problems", source_, count));
}

}  // namespace rig
