// One life of the probe: from its start until it dies or must be ended. Used by one thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpu/supervisor/line_splitter.h"
#include "gpu/supervisor/probe_child.h"
#include "gpu/supervisor/probe_supervisor.h"
#include "gpu/supervisor/snapshot_store.h"
#include "rig/kernel/unique_fd.h"
#include "rig/log/log_rate_limiter.h"

namespace rig {

// How a life ended.
struct ProbeExit {
  enum class Kind {
    stopped,  // we are to stop
    renewed,  // we end it, to start it in another way
    crashed,  // by a fault of its own
    hung,     // it said nothing
    other,    // it ended, or talked nonsense, or closed its output
  };
  Kind kind;
  std::string words;  // goes on after its name: "was killed by SIGABRT"
};

class ProbeSession {
 public:
  using Clock = std::chrono::steady_clock;

  // `wake` becomes readable when we are to stop. `forced_reason`: why it was started without
  // rocm-smi; empty when it was not.
  ProbeSession(ProbeChild&& child, const ProbeOptions& options, const UniqueFd& wake,
               SnapshotStore& board, LogRateLimiter& messages, std::string forced_reason);

  // Writes what the probe says on the board, until `until`; absent when it lives on then. After a
  // death the board is cleared already.
  std::optional<ProbeExit> watch(Clock::time_point until);

  // Closes its input, asks it to end, makes it end: takes `polite_end` and half of it at most.
  void end_politely();
  // Kills it. The child is given back to be reaped later, when it has not died at once.
  std::optional<ProbeChild> kill();

  // Whether rocm-smi was in use, or might have been: the probe did not live to say.
  bool library_in_use() const { return library_in_use_; }
  Clock::duration age() const { return Clock::now() - started_; }

 private:
  void wait_for_news(Clock::time_point until);
  std::optional<ProbeExit> judge(Clock::time_point now);
  ProbeExit death_after_closing();
  std::optional<std::string_view> read_piece(int fd, Clock::time_point& rests_until);
  void read_output();
  void read_errors();
  void take(ProbeLine&& line, Clock::time_point now);
  void tell_source(const ProbeReport& report, Clock::time_point now);

  ProbeChild child_;
  const ProbeOptions& options_;
  const std::chrono::milliseconds silence_;
  const UniqueFd& wake_;
  SnapshotStore& board_;
  LogRateLimiter& messages_;
  const std::string forced_reason_;
  bool library_in_use_;

  const Clock::time_point started_ = Clock::now();
  Clock::time_point made_sense_ = started_;  // when a line last did
  Clock::time_point awake_ = started_;       // when we last looked around
  Clock::time_point output_rests_until_ = started_;
  Clock::time_point errors_rest_until_ = started_;
  // What lay in the pipe while our own process was stopped is no news of the cards.
  Clock::time_point deaf_until_ = started_;
  LineSplitter output_;
  LineSplitter errors_;
  std::vector<char> buffer_;
  unsigned nonsense_ = 0;
  bool output_closed_ = false;
  bool to_stop_ = false;
};

}  // namespace rig
