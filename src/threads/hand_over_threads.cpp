#include "rig/threads/hand_over_threads.h"

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "rig/threads/inline_operations.h"
#include "rig/threads/thread_name.h"

namespace rig {
namespace {

// Without another thread, what waits is refused only if the present one hangs.
constexpr auto kRefuseAfter = InlineOperations::kHung;

}  // namespace

class HandOverThreads::Shared : public std::enable_shared_from_this<HandOverThreads::Shared> {
 public:
  using Clock = std::chrono::steady_clock;

  Shared(std::string thread_name, Duration hand_over_after)
      : thread_name_(std::move(thread_name)), hand_over_after_(hand_over_after) {}

  struct Waiting {
    std::function<void()> work;
    std::function<void()> refuse;
  };

  void post(Waiting operation) {
    std::unique_lock lock(mutex_);
    waiting_.push_back(std::move(operation));
    if (!attended_) attend(lock);
  }

  bool hand_over() {
    std::unique_lock lock(mutex_);
    if (waiting_.empty()) return false;
    const auto running_for = Clock::now() - begun_;
    if (running_for < hand_over_after_) return true;
    if (running_for >= kRefuseAfter || idle_ > 0 || add_thread()) attend(lock);
    return true;
  }

  void add_threads(std::size_t count) {
    const std::lock_guard lock(mutex_);
    kept_idle_ = count;
    while (count > 0 && add_thread()) --count;
  }

  bool has_idle_thread() {
    const std::lock_guard lock(mutex_);
    return idle_ > 0 || add_thread();
  }

  // Returns when every idle thread has ended.
  void close() {
    std::deque<Waiting> dropped;  // destroyed without the lock
    std::unique_lock lock(mutex_);
    closed_ = true;
    dropped.swap(waiting_);
    wanted_changed_.notify_all();
    idle_changed_.wait(lock, [&] { return idle_ == 0; });
  }

 private:
  // Makes an idle thread run what waits, in the place of the one that does so now, if any.
  void attend(std::unique_lock<std::mutex>& lock) {
    ++turn_;
    begun_ = Clock::now();
    attended_ = idle_ > 0 || add_thread();
    wanted_ = attended_;
    if (attended_) {
      wanted_changed_.notify_one();
      return;
    }
    auto refused = std::exchange(waiting_, {});
    lock.unlock();
    for (const auto& operation : refused) operation.refuse();
  }

  bool add_thread() {
    try {
      std::thread([self = shared_from_this()] { self->serve(); }).detach();
      ++idle_;
      return true;
    } catch (const std::exception&) {  // no memory, or the limit of threads
      return false;
    }
  }

  void serve() {
    set_thread_name(thread_name_);
    std::unique_lock lock(mutex_);
    while (true) {
      wanted_changed_.wait(lock, [&] { return wanted_ || closed_; });
      --idle_;
      if (closed_) break;
      wanted_ = false;
      run_waiting(lock);
      if (closed_ || idle_ >= kept_idle_) return;
      ++idle_;
    }
    idle_changed_.notify_all();
  }

  // Until another thread takes over.
  void run_waiting(std::unique_lock<std::mutex>& lock) {
    const auto turn = turn_;
    while (turn == turn_ && !waiting_.empty()) {
      auto next = std::move(waiting_.front());
      waiting_.pop_front();
      begun_ = Clock::now();
      lock.unlock();
      next.work();
      next = {};  // may destroy what it used, which may be slow
      lock.lock();
    }
    if (turn == turn_) attended_ = false;
  }

  const std::string thread_name_;
  const Duration hand_over_after_;
  std::mutex mutex_;
  std::condition_variable wanted_changed_;
  std::condition_variable idle_changed_;
  std::deque<Waiting> waiting_;
  Clock::time_point begun_;  // of the latest operation
  std::size_t turn_ = 0;     // how often a thread has been told to run what waits
  bool attended_ = false;    // a thread runs what waits, or will
  bool wanted_ = false;      // that thread has not been woken yet
  std::size_t idle_ = 0;     // threads
  std::size_t kept_idle_ = 0;
  bool closed_ = false;
};

HandOverThreads::HandOverThreads(std::string thread_name, std::size_t count,
                                 Duration hand_over_after)
    : shared_(std::make_shared<Shared>(std::move(thread_name), hand_over_after)) {
  shared_->add_threads(count);
}

HandOverThreads::~HandOverThreads() { shared_->close(); }

void HandOverThreads::post(std::function<void()> work, std::function<void()> refuse) {
  shared_->post({std::move(work), std::move(refuse)});
}

bool HandOverThreads::hand_over() { return shared_->hand_over(); }

bool HandOverThreads::has_idle_thread() { return shared_->has_idle_thread(); }

}  // namespace rig
