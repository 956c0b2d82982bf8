// Threads for answers that take time: as many as are needed at once, up to a limit; an idle one
// leaves after a while.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace rig {

class RequestPool {
 public:
  explicit RequestPool(unsigned limit);
  // Call stop() first; a thread that is busy then is left behind.
  ~RequestPool();
  RequestPool(const RequestPool&) = delete;
  RequestPool& operator=(const RequestPool&) = delete;

  // False when all threads that may be are busy, or none can be made: nothing is done then. `work`
  // must not throw.
  bool run(std::function<void()> work);

  // Waits for work under way, `grace` at most. False when some is still under way.
  bool stop(std::chrono::milliseconds grace);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;  // outlives this while a thread is out
};

}  // namespace rig
