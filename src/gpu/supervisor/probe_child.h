// A child process with pipes for its standard input, output and error. Used by one thread.
//
// No function blocks on the child: a child that is hung in the kernel is polled for its exit and
// otherwise ignored.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rig/kernel/unique_fd.h"

namespace rig {

// How a process terminated. Both members are absent if it was reaped elsewhere.
struct ProcessExit {
  std::optional<int> status;
  std::optional<int> signal;

  std::string description() const;  // "exited with status 1", "was killed by SIGABRT"
  // True if it was terminated by a fault in the program (SIGSEGV, SIGABRT, ...), rather than by a
  // signal that users or the kernel's out-of-memory killer send.
  bool crashed() const;
  // True if it was asked to stop, by SIGTERM, SIGINT or SIGHUP.
  bool terminated() const;
};

class ProbeChild {
 public:
  using SendSignal = std::function<int(pid_t, int)>;
  struct StartResult;

  // arguments[0] is the path of the program. The child becomes the leader of its own process group,
  // so that a wrapper script is killed together with what it started. It inherits no file
  // descriptors besides the three pipes, has the default signal dispositions, and gets this
  // process's environment without RSMI_DEBUG_*, which can make librocm_smi64 hang or return wrong
  // values.
  static StartResult start(const std::vector<std::string>& arguments, SendSignal send_signal);

  ProbeChild(ProbeChild&& other) noexcept;
  ProbeChild& operator=(ProbeChild&& other) noexcept;
  ~ProbeChild() = default;

  // Read ends, non-blocking.
  int output_fd() const { return output_.get(); }
  int errors_fd() const { return errors_.get(); }
  void close_errors() { errors_.reset(); }

  // Requests a sample of a probe that takes samples at requests. Lost if the pipe is full: then
  // there are requests already.
  void request_sample() const;
  // Makes a probe started with --follow-stdin exit.
  void close_input() { input_.reset(); }
  void close_pipes();
  // Sends a signal to the child's process group.
  void signal(int number) const;

  // Reaps the child if it has terminated. Absent while it is running.
  std::optional<ProcessExit> poll_exit();

 private:
  ProbeChild(pid_t pid, UniqueFd input, UniqueFd output, UniqueFd errors, SendSignal send_signal);

  pid_t pid_ = -1;  // -1: reaped
  std::optional<ProcessExit> exit_;
  UniqueFd input_;
  UniqueFd output_;
  UniqueFd errors_;
  SendSignal send_signal_;
};

struct ProbeChild::StartResult {
  std::optional<ProbeChild> child;
  std::string error;  // set if there is no child
};

}  // namespace rig
