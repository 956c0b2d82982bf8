// A thread that waits for the kernel to report something, until it is told to stop.
#pragma once

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include "rig/kernel/unique_fd.h"

namespace rig {

// What ended a wait: the events of the descriptor, 0 when the time was up or a signal came.
struct Awaited {
  bool stop = false;
  short events = 0;
};

// Waits by poll(2) for `events` of `fd` (POLLERR and its like come unasked), or for `stop`. A
// negative `fd` is not waited for; a negative timeout is none.
Awaited await(int stop, int fd, short events, std::chrono::milliseconds timeout);

class StoppableThread {
 public:
  using Body = std::function<void(int stop)>;
  using Failed = std::function<void(const std::string& error)>;

  // `body` gets a descriptor that is readable once it has to return. It may outlive its
  // StoppableThread: it owns all that it touches. What it throws ends it, and is told to `failed`.
  StoppableThread(std::string name, Body body, Failed failed);
  StoppableThread(const StoppableThread&) = delete;
  StoppableThread& operator=(const StoppableThread&) = delete;

  // Takes 80 ms at most: a body that hangs in the kernel is left to end when it comes back.
  ~StoppableThread();

 private:
  std::shared_ptr<const UniqueFd> stop_;
  std::future<void> ended_;
  std::thread thread_;
};

}  // namespace rig
