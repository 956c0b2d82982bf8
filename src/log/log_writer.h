// Writes lines to a descriptor that may block, in a thread of its own.
//
// Standard error is a pipe or a socket whose reader may be stuck, or a file on a disk that hangs.
// Making it non-blocking would change it for all processes that share it, and does not help with a
// file.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>

#include "rig/threads/stoppable_thread.h"

namespace rig {

// All functions may be called from any thread.
class LogWriter {
 public:
  // Lines that wait to be written; of further ones only the number is kept.
  static constexpr std::size_t kMaxLines = 256;
  static constexpr std::size_t kMaxSize = 128U << 10U;
  // The number of dropped lines is written at most this often.
  static constexpr std::chrono::seconds kReportInterval{10};

  // A line that says how many lines were dropped since the previous such line.
  using Report = std::function<std::string(std::uint64_t dropped)>;

  // `report` is called from the thread, which may outlive this object.
  LogWriter(int fd, Report report);
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;
  // Waits 80 ms for the lines to be written. A thread that is blocked is left behind.
  ~LogWriter();

  // `line` ends with a newline. Never blocks. The thread is created for the first line.
  void write(std::string line);
  // Counts a line that its caller does not write as dropped.
  void drop();

  // Waits until all lines are written, and how many were dropped; returns false on timeout.
  bool flush(std::chrono::milliseconds timeout);

  // Since the start.
  std::uint64_t dropped() const;

 private:
  bool has_thread();

  class Queue;
  std::shared_ptr<Queue> queue_;
  std::mutex thread_mutex_;
  std::unique_ptr<StoppableThread> thread_;  // null: none yet, or none could be created
};

}  // namespace rig
