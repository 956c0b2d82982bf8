// One child process with pipes on its standard input, output and error. Used by one thread.
//
// Nothing here waits for the child: one that hangs in the kernel is asked whether it has ended, now
// and then, and otherwise left alone.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rig/kernel/unique_fd.h"

namespace rig {

// How a process ended. Neither is known when someone else reaped it.
struct ProcessEnd {
  std::optional<int> status;
  std::optional<int> signal;

  std::string words() const;  // "exited with status 1", "was killed by SIGABRT"
  // Whether it died of a fault of its own (SIGSEGV, SIGABRT, …), not of a signal that people or
  // the kernel's out-of-memory killer send.
  bool crashed() const;
};

class ProbeChild {
 public:
  using SendSignal = std::function<int(pid_t, int)>;
  struct Started;

  // arguments[0] is the program's path. The child leads a process group of its own, so that a
  // wrapper script ends together with what it started; it has no descriptor but the three pipes,
  // the default signal dispositions, and our environment without RSMI_DEBUG_*, which would make
  // librocm_smi64 hang or lie.
  static Started start(const std::vector<std::string>& arguments, SendSignal send_signal);

  ProbeChild(ProbeChild&& other) noexcept;
  ProbeChild& operator=(ProbeChild&& other) noexcept;
  ~ProbeChild() = default;

  // Read ends, non-blocking.
  int output() const { return output_.get(); }
  int errors() const { return errors_.get(); }
  void close_errors() { errors_.reset(); }

  // Ends a probe that follows its standard input.
  void close_input() { input_.reset(); }
  void close_pipes();
  // To it and to what it has started.
  void signal(int number) const;

  // Absent while it runs; reaps it when it does not.
  std::optional<ProcessEnd> ended();

 private:
  ProbeChild(pid_t pid, UniqueFd input, UniqueFd output, UniqueFd errors, SendSignal send_signal);

  pid_t pid_ = -1;  // -1: reaped
  std::optional<ProcessEnd> end_;
  UniqueFd input_;
  UniqueFd output_;
  UniqueFd errors_;
  SendSignal send_signal_;
};

struct ProbeChild::Started {
  std::optional<ProbeChild> child;
  std::string error;  // why there is none
};

}  // namespace rig
