// Lets a thread run the operations of TimedTask and TaskPool itself.
//
// Handing each operation to another thread costs two context switches, which take longer than
// most operations do. A thread in which InlineOperations are installed runs them as they come. If
// one of them hangs, so does the thread; another thread can find that out, give the operation up
// and do the rest of the work in its place. When the operation returns after all, its result is
// available as that of an operation in another thread is, and GivenUp unwinds the thread.
#pragma once

#include <atomic>
#include <chrono>
#include <utility>

namespace rig {

class InlineOperations {
 public:
  using Clock = std::chrono::steady_clock;

  // An operation that has taken longer runs in a thread of its own the next time. Disks and sensors
  // that work respond sooner.
  static constexpr std::chrono::milliseconds kSlow{25};
  // An operation can be given up after this time. To begin again costs more than to wait for one
  // that is only slow.
  static constexpr std::chrono::milliseconds kHung{100};

  // Thrown in the thread whose operation was given up, after it has returned. Not a std::exception,
  // so that code in between does not take it for a failed read.
  struct GivenUp {};

  explicit InlineOperations(Clock::duration hung_after = kHung) : hung_after_(hung_after) {}
  InlineOperations(const InlineOperations&) = delete;
  InlineOperations& operator=(const InlineOperations&) = delete;

  // As long as it exists, operations that are started in this thread run in this thread.
  class Installed {
   public:
    explicit Installed(InlineOperations& operations);
    Installed(const Installed&) = delete;
    Installed& operator=(const Installed&) = delete;
    ~Installed();
  };

  // Those installed in the calling thread; null if there are none.
  static InlineOperations* of_this_thread();

  // Calls `operation` in the thread in which this is installed. It must have made its result
  // available to others when it returns. Throws GivenUp afterwards if it was given up. An operation
  // within an operation has no timeout of its own: the outermost one is given up.
  template <typename Operation>
  void run(Operation&& operation) {
    if (running_) return std::forward<Operation>(operation)();
    running_ = true;
    started_.store(Clock::now().time_since_epoch());
    try {
      std::forward<Operation>(operation)();
    } catch (...) {
      if (end()) throw GivenUp();
      throw;
    }
    if (end()) throw GivenUp();
  }

  // For other threads: whether an operation is in progress that has taken longer than `hung_after`.
  bool hung() const;
  // Gives that operation up; returns false if there is none.
  bool give_up_hung();

 private:
  bool hung_since(Clock::duration started) const;

  static constexpr Clock::duration kNone{0};
  static constexpr Clock::duration kGivenUp{-1};

  // Returns true if the operation was given up.
  bool end() {
    running_ = false;
    return started_.exchange(kNone) == kGivenUp;
  }

  const Clock::duration hung_after_;
  bool running_ = false;  // used only by the thread in which this is installed
  std::atomic<Clock::duration> started_{kNone};
};

}  // namespace rig
