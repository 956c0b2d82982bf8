#include "gpu/supervisor/probe_session.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>
#include <variant>

#include "rig/log/log.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

// Looks around at least so often.
constexpr milliseconds kLook{1000};
// While something is about to end.
constexpr milliseconds kShortLook{5};
// A probe that closed its output has so long to end by itself, so that we can say how it ended.
constexpr milliseconds kLastBreath{200};
// A stream that fills a whole read rests so long: even an endless flood costs little.
constexpr milliseconds kFloodRest{20};
constexpr std::size_t kReadSize = 1U << 16U;
constexpr std::size_t kLongestMessage = 1024;
// So many more lines without sense than with it, and the probe is not itself any more. A single
// one is passed over: each line stands for itself, and a library that prints something once must
// not cost the readings of all GPUs.
constexpr unsigned kBabble = 20;

milliseconds time_until(ProbeSession::Clock::time_point time) {
  const auto left = std::chrono::ceil<milliseconds>(time - ProbeSession::Clock::now());
  return std::max(left, milliseconds(0));
}

ProbeExit death_by(const ProcessEnd& end) {
  using Kind = ProbeExit::Kind;
  return {end.crashed() ? Kind::crashed : Kind::other, end.words()};
}

}  // namespace

ProbeSession::ProbeSession(ProbeChild&& child, const ProbeOptions& options, const UniqueFd& wake,
                           SnapshotStore& board, LogRateLimiter& messages,
                           std::string forced_reason)
    : child_(std::move(child)),
      options_(options),
      silence_(std::max(options.limits.silence, 5 * options.sample_interval)),
      wake_(wake),
      board_(board),
      messages_(messages),
      forced_reason_(std::move(forced_reason)),
      library_in_use_(forced_reason_.empty()),
      output_(options.limits.longest_line),
      errors_(kLongestMessage),
      buffer_(kReadSize) {}

std::optional<ProbeExit> ProbeSession::watch(Clock::time_point until) {
  while (true) {
    wait_for_news(until);
    const auto now = Clock::now();
    if (to_stop_) {
      board_.forget("rig_gpu_probe was ended");
      return ProbeExit{ProbeExit::Kind::stopped, "was ended"};
    }
    read_output();
    read_errors();
    if (auto death = judge(now)) {
      board_.forget("rig_gpu_probe " + death->words);
      return death;
    }
    if (now >= until) return std::nullopt;
  }
}

void ProbeSession::wait_for_news(Clock::time_point until) {
  const auto before = Clock::now();
  // A negative descriptor is passed over.
  std::array<pollfd, 3> waits{
      pollfd{wake_.get(), POLLIN, 0},
      pollfd{before < output_rests_until_ ? -1 : child_.output(), POLLIN, 0},
      pollfd{before < errors_rest_until_ ? -1 : child_.errors(), POLLIN, 0}};
  auto timeout = std::min({kLook, time_until(until), time_until(made_sense_ + silence_)});
  if (before < std::max(output_rests_until_, errors_rest_until_)) {
    timeout = std::min(timeout, kFloodRest);
  }
  poll(waits.data(), waits.size(), static_cast<int>(timeout.count()));
  to_stop_ = waits[0].revents != 0;
  const auto now = Clock::now();
  const auto last_awake = std::exchange(awake_, now);
  if (now - last_awake > timeout + options_.limits.oversleep) {
    deaf_until_ = now + options_.sample_interval;
    board_.forget_gpus("rig_exporter itself was stopped for a while");
  }
}

// Whether this life is over.
std::optional<ProbeExit> ProbeSession::judge(Clock::time_point now) {
  using Kind = ProbeExit::Kind;
  if (output_.too_long()) {
    return ProbeExit{Kind::other, fmt::format("wrote a line of more than {} bytes",
                                              options_.limits.longest_line)};
  }
  if (nonsense_ >= kBabble) return ProbeExit{Kind::other, "wrote lines that make no sense"};
  if (output_closed_) return death_after_closing();
  if (const auto end = child_.ended()) {
    read_errors();
    return death_by(*end);
  }
  if (now - made_sense_ >= silence_) {
    const std::chrono::duration<double> time = silence_;
    return ProbeExit{Kind::hung, fmt::format("said nothing for {} s", time.count())};
  }
  return std::nullopt;
}

// A process closes its pipes a moment before one can ask how it ended.
ProbeExit ProbeSession::death_after_closing() {
  const std::string_view words = "closed its standard output";
  board_.forget(fmt::format("rig_gpu_probe {}", words));
  const auto patience = Clock::now() + kLastBreath;
  do {
    if (const auto end = child_.ended()) {
      read_errors();
      return death_by(*end);
    }
    pollfd wake{wake_.get(), POLLIN, 0};
    to_stop_ = poll(&wake, 1, static_cast<int>(kShortLook.count())) > 0;
  } while (!to_stop_ && Clock::now() < patience);
  return {to_stop_ ? ProbeExit::Kind::stopped : ProbeExit::Kind::other, std::string(words)};
}

// What there is now, valid until the next call; empty at the end of the stream, absent when there
// is nothing yet.
std::optional<std::string_view> ProbeSession::read_piece(int fd, Clock::time_point& rests_until) {
  const auto now = Clock::now();
  if (fd < 0 || now < rests_until) return std::nullopt;
  const ssize_t got = read(fd, buffer_.data(), buffer_.size());
  if (got < 0) return std::nullopt;
  const auto size = static_cast<std::size_t>(got);
  if (size == buffer_.size()) rests_until = now + kFloodRest;
  return std::string_view(buffer_.data(), size);
}

void ProbeSession::read_output() {
  const auto piece = read_piece(child_.output(), output_rests_until_);
  if (!piece) return;
  output_closed_ = piece->empty();
  const auto now = Clock::now();
  for (const auto& text : output_.feed(*piece)) {
    if (auto line = parse_probe_line(text)) {
      take(*std::move(line), now);
      continue;
    }
    ++nonsense_;
    if (messages_.passes("a line that makes no sense", now)) {
      log_warn(fmt::format("rig_gpu_probe wrote a line that makes no sense: {}",
                           std::string_view(text).substr(0, 200)));
    }
  }
}

void ProbeSession::take(ProbeLine&& line, Clock::time_point now) {
  if (nonsense_ > 0) --nonsense_;
  made_sense_ = now;
  if (auto* const report = std::get_if<ProbeReport>(&line)) {
    if (!forced_reason_.empty()) report->reason = forced_reason_;
    library_in_use_ = report->source == "rocm_smi";
    tell_source(*report, now);
    board_.heard(std::move(*report));
    return;
  }
  if (now < deaf_until_) return;
  if (auto* const list = std::get_if<GpuList>(&line)) {
    board_.heard(std::move(*list), now);
  } else if (auto* const processes = std::get_if<GpuProcesses>(&line)) {
    board_.heard(std::move(*processes), now);
  } else if (auto* const reading = std::get_if<GpuReading>(&line)) {
    board_.heard(std::move(*reading), now);
  }
}

void ProbeSession::tell_source(const ProbeReport& report, Clock::time_point now) {
  auto text = "GPUs are read through " + report.source;
  if (!report.rocm_smi_version.empty()) text += ' ' + report.rocm_smi_version;
  if (!report.reason.empty()) text += ": " + report.reason;
  if (messages_.passes(text, now)) log_info(text);
}

void ProbeSession::read_errors() {
  const auto piece = read_piece(child_.errors(), errors_rest_until_);
  if (!piece) return;
  if (piece->empty()) child_.close_errors();
  const auto now = Clock::now();
  for (const auto& text : errors_.feed(*piece)) {
    if (!text.empty() && messages_.passes(text, now)) log_warn("rig_gpu_probe: " + text);
  }
  if (const auto count = messages_.kept_back(now); count > 0) {
    log_warn(fmt::format("rig_gpu_probe wrote {} more lines on its standard error", count));
  }
}

void ProbeSession::end_politely() {
  child_.close_input();
  child_.signal(SIGTERM);
  const auto ended_within = [&](milliseconds patience) {
    const auto end = Clock::now() + patience;
    while (!child_.ended()) {
      if (Clock::now() >= end) return false;
      poll(nullptr, 0, static_cast<int>(kShortLook.count()));
    }
    return true;
  };
  if (ended_within(options_.limits.polite_end)) return;
  child_.signal(SIGKILL);
  ended_within(options_.limits.polite_end / 2);
}

std::optional<ProbeChild> ProbeSession::kill() {
  child_.signal(SIGKILL);
  child_.close_pipes();
  if (child_.ended()) return std::nullopt;
  return std::move(child_);
}

}  // namespace rig
