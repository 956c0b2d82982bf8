// Monitors one running probe from its start to its exit. Used by one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpu/supervisor/line_splitter.h"
#include "gpu/supervisor/probe_child.h"
#include "gpu/supervisor/probe_options.h"
#include "gpu/supervisor/snapshot_store.h"
#include "rig/log/log_rate_limiter.h"
#include "rig/threads/stoppable_thread.h"
#include "rig/threads/wakeup_event.h"

namespace rig {

// How a session ended.
struct ProbeExit {
  enum class Kind {
    stopped,     // the supervisor was stopped
    restarted,   // it must be restarted with other arguments
    crashed,     // it was terminated by a fault in the program
    terminated,  // it was asked to stop, by SIGTERM or the like
    hung,        // it produced no output
    other,       // it exited, wrote malformed lines, or closed its output
  };
  Kind kind;
  std::string description;  // follows the probe's name: "was killed by SIGABRT"
};

class ProbeSession {
 public:
  using Clock = std::chrono::steady_clock;

  // `library_disabled_reason`: why the probe was started without rocm-smi; empty if it was not.
  // `requests` of samples are passed on to the probe.
  ProbeSession(ProbeChild&& child, const ProbeOptions& options, const StopToken& stop,
               const WakeupEvent& requests, SnapshotStore& store, LogRateLimiter& log_limiter,
               std::string library_disabled_reason);

  // Stores what the probe reports until `until`. Returns how the session ended, or nothing if the
  // probe is still running. After an exit the store has been cleared.
  std::optional<ProbeExit> run_until(Clock::time_point until);

  // Closes the probe's input and sends SIGTERM, then SIGKILL. Takes at most 1.5 times
  // `terminate_timeout`.
  void terminate_gracefully();
  // Sends SIGKILL. Returns the child if it did not exit immediately, so that it is reaped later.
  std::optional<ProbeChild> kill();

  // True unless the probe has reported that it does not use rocm-smi.
  bool library_in_use() const { return library_in_use_; }
  Clock::duration uptime() const { return Clock::now() - started_; }

 private:
  void wait_for_output(Clock::time_point until);
  void request_sample(Clock::time_point now);
  Clock::time_point output_due() const;
  bool samples_at_requests() const { return options_.sample_interval == kAtRequests; }
  std::optional<ProbeExit> check_exit(Clock::time_point now);
  ProbeExit exit_after_closed_output();
  std::optional<std::string_view> read_chunk(int fd, std::chrono::milliseconds pause,
                                             Clock::time_point& paused_until);
  void read_output();
  void read_errors();
  void read_last_errors();
  void handle_line(ProbeLine&& line, Clock::time_point now);
  void log_source(const ProbeReport& report, Clock::time_point now);

  ProbeChild child_;
  const ProbeOptions& options_;
  const std::chrono::milliseconds output_timeout_;
  const StopToken& stop_;
  const WakeupEvent& requests_;
  SnapshotStore& store_;
  LogRateLimiter& log_limiter_;
  const std::string library_disabled_reason_;
  bool library_in_use_;

  const Clock::time_point started_ = Clock::now();
  Clock::time_point last_valid_line_ = started_;
  // Since when a request for a sample has not been answered by any line. The first sample is not
  // requested.
  std::optional<Clock::time_point> unanswered_since_ = started_;
  std::optional<Clock::time_point> request_again_at_;
  Clock::time_point last_wakeup_ = started_;
  Clock::time_point output_paused_until_ = started_;
  unsigned first_reads_ = 0;
  Clock::time_point errors_paused_until_ = started_;
  // After the exporter itself was suspended, the pipe holds outdated readings.
  Clock::time_point ignore_readings_until_ = started_;
  LineSplitter output_;
  LineSplitter errors_;
  std::vector<char> buffer_;
  unsigned malformed_lines_ = 0;  // decremented by each valid line
  bool output_closed_ = false;
  bool stop_requested_ = false;
};

}  // namespace rig
