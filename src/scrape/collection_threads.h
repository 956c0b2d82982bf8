// Runs the collections of all collectors, one after the other, in one thread.
//
// A thread for each collector would need two context switches for each, which take longer than
// some collections do. If a collection takes long, another thread goes on with those that wait.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace rig {

class CollectionThreads {
 public:
  // Creates so many threads, or as many as it can: others may hang when no thread can be created
  // any more.
  explicit CollectionThreads(std::size_t count);
  CollectionThreads(const CollectionThreads&) = delete;
  CollectionThreads& operator=(const CollectionThreads&) = delete;
  // Collections that wait are dropped, and those that are running go on.
  ~CollectionThreads();

  // Calls `work`, which must not throw, after those that were posted before; or `refuse`, in the
  // thread of some caller, if all threads have been busy for 100 ms and no other can be
  // created.
  void post(std::function<void()> work, std::function<void()> refuse);

  // If collections wait and none has begun for 5 ms, makes another thread go on with them. To be
  // called from time to time until it returns false: none waits.
  bool hand_over();

  // Whether a thread is idle; creates one if there is none.
  bool has_idle_thread();

 private:
  class Shared;
  std::shared_ptr<Shared> shared_;  // outlives this object while a collection is running
};

}  // namespace rig
