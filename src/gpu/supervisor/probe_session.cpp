#include "gpu/supervisor/probe_session.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <variant>

#include "gpu/supervisor/limited_line.h"
#include "rig/log/log.h"

namespace rig {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kMaxPollInterval{1000};
constexpr milliseconds kExitPollInterval{5};
// How long a probe that closed its output may take to exit, so that its exit status can be logged.
constexpr milliseconds kExitTimeout{200};
constexpr std::size_t kReadSize = 1U << 16U;
// Each stream is read at most this often, so that endless output costs little CPU time, in however
// small parts it is written: the probe then waits for the pipe.
constexpr milliseconds kOutputPause{20};
constexpr milliseconds kErrorsPause{100};
// The first reads of the output have a shorter pause: the first scrape waits for the first
// readings.
constexpr unsigned kFirstReads = 16;
constexpr milliseconds kFirstReadsPause{2};
// After a read of this size, which parsing makes expensive, the pause is longer.
constexpr std::size_t kMuchOutput = kReadSize / 2;
constexpr milliseconds kMuchOutputPause{60};
// Of the messages that are read at once, only so many are looked at.
constexpr std::size_t kMaxMessagesAtOnce = 64;
constexpr std::size_t kMaxMessageSize = 1024;
constexpr std::size_t kMaxLoggedSize = 200;
// The probe is restarted if it writes this many more malformed lines than valid ones. Single
// malformed lines are skipped: a message that a library prints to standard output must not make the
// readings of all GPUs unavailable.
constexpr unsigned kMaxMalformedLines = 20;

milliseconds time_until(ProbeSession::Clock::time_point time) {
  const auto left = std::chrono::ceil<milliseconds>(time - ProbeSession::Clock::now());
  return std::max(left, milliseconds(0));
}

ProbeExit to_probe_exit(const ProcessExit& exit) {
  using Kind = ProbeExit::Kind;
  if (exit.terminated()) return {Kind::terminated, exit.description()};
  return {exit.crashed() ? Kind::crashed : Kind::other, exit.description()};
}

}  // namespace

ProbeSession::ProbeSession(ProbeChild&& child, const ProbeOptions& options, const StopToken& stop,
                           const WakeupEvent& requests, SnapshotStore& store,
                           LogRateLimiter& log_limiter, std::string library_disabled_reason)
    : child_(std::move(child)),
      options_(options),
      output_timeout_(std::max(options.limits.output_timeout, 5 * options.sample_interval)),
      stop_(stop),
      requests_(requests),
      store_(store),
      log_limiter_(log_limiter),
      library_disabled_reason_(std::move(library_disabled_reason)),
      library_in_use_(library_disabled_reason_.empty()),
      output_(options.limits.max_line_size),
      errors_(kMaxMessageSize),
      buffer_(kReadSize) {}

std::optional<ProbeExit> ProbeSession::run_until(Clock::time_point until) {
  while (true) {
    wait_for_output(until);
    const auto now = Clock::now();
    if (stop_requested_) {
      store_.clear("rig_gpu_probe was stopped");
      return ProbeExit{ProbeExit::Kind::stopped, "was stopped"};
    }
    read_output();
    read_errors();
    if (auto exit = check_exit(now)) {
      store_.clear("rig_gpu_probe " + exit->description);
      return exit;
    }
    if (now >= until) return std::nullopt;
  }
}

void ProbeSession::wait_for_output(Clock::time_point until) {
  const auto before = Clock::now();
  // poll() ignores negative descriptors.
  std::array<pollfd, 4> fds{
      pollfd{stop_.fd(), POLLIN, 0}, pollfd{requests_.fd(), POLLIN, 0},
      pollfd{before < output_paused_until_ ? -1 : child_.output_fd(), POLLIN, 0},
      pollfd{before < errors_paused_until_ ? -1 : child_.errors_fd(), POLLIN, 0}};
  auto timeout = std::min({kMaxPollInterval, time_until(until), time_until(output_due())});
  if (request_again_at_) timeout = std::min(timeout, time_until(*request_again_at_));
  for (const auto paused_until : {output_paused_until_, errors_paused_until_}) {
    if (before < paused_until) timeout = std::min(timeout, time_until(paused_until));
  }
  poll(fds.data(), fds.size(), static_cast<int>(timeout.count()));
  stop_requested_ = fds[0].revents != 0;
  const auto now = Clock::now();
  const bool requested = fds[1].revents != 0;
  const auto previous_wakeup = std::exchange(last_wakeup_, now);
  if (now - previous_wakeup > timeout + options_.limits.suspend_threshold) {
    ignore_readings_until_ =
        now + (samples_at_requests() ? kDefaultSampleInterval : options_.sample_interval);
    store_.clear_gpus("rig_exporter itself was suspended");
    if (unanswered_since_) request_again_at_ = ignore_readings_until_;
  }
  if (requested || (request_again_at_ && now >= *request_again_at_)) request_sample(now);
}

void ProbeSession::request_sample(Clock::time_point now) {
  requests_.clear();
  child_.request_sample();
  if (!unanswered_since_) unanswered_since_ = now;
  // An answer that is ignored would leave the request unanswered.
  request_again_at_ =
      now < ignore_readings_until_ ? std::optional(ignore_readings_until_) : std::nullopt;
}

// When the probe counts as hung if it does not write a line.
ProbeSession::Clock::time_point ProbeSession::output_due() const {
  if (!samples_at_requests()) return last_valid_line_ + output_timeout_;
  return unanswered_since_ ? *unanswered_since_ + output_timeout_ : Clock::time_point::max();
}

std::optional<ProbeExit> ProbeSession::check_exit(Clock::time_point now) {
  using Kind = ProbeExit::Kind;
  if (output_.limit_exceeded()) {
    return ProbeExit{Kind::other, fmt::format("wrote a line longer than {} bytes",
                                              options_.limits.max_line_size)};
  }
  if (malformed_lines_ >= kMaxMalformedLines) {
    return ProbeExit{Kind::other, "wrote too many malformed lines"};
  }
  if (output_closed_) return exit_after_closed_output();
  if (const auto exit = child_.poll_exit()) {
    read_last_errors();
    return to_probe_exit(*exit);
  }
  if (now >= output_due()) {
    const std::chrono::duration<double> seconds = output_timeout_;
    return ProbeExit{Kind::hung, fmt::format("produced no output for {} s", seconds.count())};
  }
  return std::nullopt;
}

// A terminating process closes its pipes shortly before its exit status becomes available.
ProbeExit ProbeSession::exit_after_closed_output() {
  const std::string_view description = "closed its standard output";
  store_.clear(fmt::format("rig_gpu_probe {}", description));
  const auto deadline = Clock::now() + kExitTimeout;
  do {
    if (const auto exit = child_.poll_exit()) {
      read_last_errors();
      return to_probe_exit(*exit);
    }
    stop_requested_ = stop_.wait_for(kExitPollInterval);
  } while (!stop_requested_ && Clock::now() < deadline);
  return {stop_requested_ ? ProbeExit::Kind::stopped : ProbeExit::Kind::other,
          std::string(description)};
}

// Returns the available bytes, valid until the next call: empty at the end of the stream, absent if
// there are none yet.
std::optional<std::string_view> ProbeSession::read_chunk(int fd, milliseconds pause,
                                                         Clock::time_point& paused_until) {
  const auto now = Clock::now();
  if (fd < 0 || now < paused_until) return std::nullopt;
  const ssize_t count = read(fd, buffer_.data(), buffer_.size());
  if (count < 0) return std::nullopt;
  paused_until = now + pause;
  return std::string_view(buffer_.data(), static_cast<std::size_t>(count));
}

void ProbeSession::read_output() {
  const auto pause = first_reads_ < kFirstReads ? kFirstReadsPause : kOutputPause;
  const auto chunk = read_chunk(child_.output_fd(), pause, output_paused_until_);
  if (!chunk) return;
  if (first_reads_ < kFirstReads) ++first_reads_;
  output_closed_ = chunk->empty();
  const auto now = Clock::now();
  if (chunk->size() >= kMuchOutput) output_paused_until_ = now + kMuchOutputPause;
  for (const auto& text : output_.feed(*chunk)) {
    if (auto line = parse_probe_line(text)) {
      handle_line(limited_line(*std::move(line)), now);
      continue;
    }
    ++malformed_lines_;
    if (log_limiter_.allow("malformed line", now)) {
      log_warn(fmt::format("rig_gpu_probe wrote a malformed line: {}",
                           std::string_view(text).substr(0, kMaxLoggedSize)));
    }
  }
}

void ProbeSession::handle_line(ProbeLine&& line, Clock::time_point now) {
  if (malformed_lines_ > 0) --malformed_lines_;
  last_valid_line_ = now;
  unanswered_since_.reset();
  if (auto* const report = std::get_if<ProbeReport>(&line)) {
    if (!library_disabled_reason_.empty()) report->reason = library_disabled_reason_;
    library_in_use_ = report->source == kSourceRocmSmi;
    log_source(*report, now);
    store_.update(std::move(*report));
    return;
  }
  if (now < ignore_readings_until_) return;
  if (auto* const list = std::get_if<GpuList>(&line)) {
    store_.update(std::move(*list), now);
  } else if (auto* const processes = std::get_if<GpuProcesses>(&line)) {
    store_.update(std::move(*processes), now);
  } else if (auto* const reading = std::get_if<GpuReading>(&line)) {
    store_.update(std::move(*reading), now);
  }
}

void ProbeSession::log_source(const ProbeReport& report, Clock::time_point now) {
  auto message = "reading GPUs through " + report.source;
  if (!report.rocm_smi_version.empty()) message += ' ' + report.rocm_smi_version;
  if (!report.reason.empty()) message += ": " + report.reason;
  if (log_limiter_.allow(message, now)) log_info(message);
}

void ProbeSession::read_errors() {
  const auto chunk = read_chunk(child_.errors_fd(), kErrorsPause, errors_paused_until_);
  if (!chunk) return;
  if (chunk->empty()) child_.close_errors();
  const auto now = Clock::now();
  const auto messages = errors_.feed(*chunk);
  const std::size_t looked_at = std::min(messages.size(), kMaxMessagesAtOnce);
  log_limiter_.suppress(messages.size() - looked_at);
  for (const auto& text : std::span(messages).first(looked_at)) {
    if (!text.empty() && log_limiter_.allow(text, now)) log_warn("rig_gpu_probe: " + text);
  }
  if (const auto count = log_limiter_.take_suppressed_count(now); count > 0) {
    log_warn(fmt::format("suppressed {} messages from rig_gpu_probe", count));
  }
}

void ProbeSession::read_last_errors() {
  errors_paused_until_ = {};
  read_errors();
}

void ProbeSession::terminate_gracefully() {
  child_.close_input();
  child_.signal(SIGTERM);
  const auto exits_within = [&](milliseconds timeout) {
    const auto deadline = Clock::now() + timeout;
    while (!child_.poll_exit()) {
      if (Clock::now() >= deadline) return false;
      poll(nullptr, 0, static_cast<int>(kExitPollInterval.count()));
    }
    return true;
  };
  if (exits_within(options_.limits.terminate_timeout)) return;
  child_.signal(SIGKILL);
  exits_within(options_.limits.terminate_timeout / 2);
}

std::optional<ProbeChild> ProbeSession::kill() {
  child_.signal(SIGKILL);
  child_.close_pipes();
  if (child_.poll_exit()) return std::nullopt;
  return std::move(child_);
}

}  // namespace rig
