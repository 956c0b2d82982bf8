// Threads for requests that take time: one for each concurrent request, up to a limit. An idle
// thread ends after a while.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "rig/threads/stoppable_thread.h"

namespace rig {

class RequestPool {
 public:
  explicit RequestPool(unsigned limit);
  ~RequestPool();  // stop(0)
  RequestPool(const RequestPool&) = delete;
  RequestPool& operator=(const RequestPool&) = delete;

  // Runs `work`, which must not throw, in a thread of the pool. Returns false without running it if
  // `limit` threads are busy or no thread can be created. May be called from any thread.
  bool run(std::function<void()> work);

  // Lets work in progress finish, until the timeout. Returns false if some is still running: its
  // thread is left behind.
  bool stop(std::chrono::milliseconds timeout);

 private:
  struct Shared;
  bool add_thread();

  const unsigned limit_;
  std::shared_ptr<Shared> shared_;  // outlives this object while a thread is left behind
  std::vector<std::unique_ptr<StoppableThread>> threads_;  // guarded by the mutex of `shared_`
};

}  // namespace rig
