// A thread that runs until it is stopped, such as one that waits for events of the kernel.
//
// std::jthread is not suitable: its destructor joins a body that hangs in the kernel, and its stop
// token cannot be waited for together with a file descriptor.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "rig/kernel/unique_fd.h"

namespace rig {

// Notifies the function that the thread runs (its body) that it has to return.
class StopToken {
 public:
  explicit StopToken(int fd) : fd_(fd) {}

  // Readable once the thread has to stop, for poll(2). Valid until the body returns.
  int fd() const { return fd_; }

  bool stop_requested() const;

  // Waits until the thread has to stop; returns false on timeout.
  bool wait_for(std::chrono::milliseconds timeout) const;

 private:
  int fd_;
};

class StoppableThread {
 public:
  using Body = std::function<void(const StopToken& stop)>;
  using OnError = std::function<void(const std::string& error)>;

  // `body` must own all objects that it uses, since a hung body outlives this object. An exception
  // ends the body and is passed to `on_error`. Signals are blocked in the thread, so that the main
  // thread receives them. Throws std::system_error if the thread cannot be created.
  StoppableThread(std::string thread_name, Body body, OnError on_error);
  StoppableThread(const StoppableThread&) = delete;
  StoppableThread& operator=(const StoppableThread&) = delete;
  ~StoppableThread();  // stop(80 ms)

  // Requests the body to return, and waits for it. Returns false on timeout: the thread is left
  // behind and ends when the body returns.
  bool stop(std::chrono::milliseconds timeout);

  // True once the body has returned.
  bool finished() const;

 private:
  std::shared_ptr<const UniqueFd> stop_fd_;
  std::future<void> ended_;
  std::thread thread_;
};

// The result of poll(2) on a descriptor.
struct PollResult {
  bool stop = false;  // the thread has to stop
  short events = 0;   // of the descriptor; 0 on a timeout or a signal
};

// Waits for `events` of `fd` (POLLERR and the like are always reported) or for the token. A
// negative `fd` is ignored; a negative timeout means no timeout.
PollResult poll_until_stopped(const StopToken& stop, int fd, short events,
                              std::chrono::milliseconds timeout);

}  // namespace rig
