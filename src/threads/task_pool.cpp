#include "rig/threads/task_pool.h"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>

#include "rig/threads/thread_name.h"

namespace rig {
namespace {

using Clock = std::chrono::steady_clock;

// The longest time that one task may delay the others.
constexpr std::chrono::milliseconds kHandOverAfter{25};
// If this many tasks hang, the remaining ones would probably hang too.
constexpr std::size_t kMaxThreads = 32;

}  // namespace

class TaskPool::Shared : public std::enable_shared_from_this<TaskPool::Shared> {
 public:
  explicit Shared(std::string thread_name) : thread_name_(std::move(thread_name)) {}

  Unfinished run(Works works, Time deadline) {
    std::unique_lock lock(mutex_);
    // Tasks that already hang are not waited for, whether or not they are in `works`.
    std::set<std::string> timed_out = running_;
    for (auto& work : works) {
      if (!timed_out.contains(work.first)) queue_.push_back({work.first, std::move(work.second)});
    }
    // Without tasks no thread is woken, or created.
    const bool had_threads = queue_.empty() || wait(lock, timed_out, deadline);
    std::set<std::string> without_thread;
    auto& not_started = had_threads ? timed_out : without_thread;
    for (const Task& task : queue_) not_started.insert(task.key);
    queue_.clear();
    timed_out.insert(running_.begin(), running_.end());
    return {std::move(timed_out), std::move(without_thread)};
  }

  // Returns when every thread whose task does not hang has ended.
  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    queued_.notify_all();
    done_.wait(lock, [&] { return threads_ == running_.size(); });
  }

 private:
  struct Task {
    std::string key;
    std::function<void()> work;
  };

  // Waits until all tasks have returned except those in `hung`, or until the deadline. Returns
  // false if no thread is left for the tasks in the queue: every existing one hangs, and no other
  // can be created.
  bool wait(std::unique_lock<std::mutex>& lock, const std::set<std::string>& hung, Time deadline) {
    const auto all_others_done = [&] {
      return std::includes(hung.begin(), hung.end(), running_.begin(), running_.end());
    };
    const auto all_done = [&] { return queue_.empty() && all_others_done(); };
    bool can_add = wake_thread();
    while (!all_done() && Clock::now() < deadline) {
      if (!can_add && all_others_done()) return false;
      const std::uint64_t started = started_;
      done_.wait_until(lock, std::min(deadline, Clock::now() + kHandOverAfter), all_done);
      if (!queue_.empty() && started_ == started) can_add = wake_thread();
    }
    return true;
  }

  // Wakes an idle thread, or creates one if there is none. Returns false if none can be created:
  // the existing ones run the remaining tasks then.
  bool wake_thread() {
    const bool exists = threads_ > running_.size() || add_thread();
    queued_.notify_one();
    return exists;
  }

  bool add_thread() {
    if (threads_ >= kMaxThreads) return true;  // not a limit of the system
    try {
      std::thread([self = shared_from_this()] { self->serve(); }).detach();
      ++threads_;
      return true;
    } catch (const std::exception&) {  // no memory, or the limit of threads
      return false;
    }
  }

  void serve() {
    set_thread_name(thread_name_);
    std::unique_lock lock(mutex_);
    while (true) {
      queued_.wait(lock, [&] { return closed_ || !queue_.empty(); });
      if (closed_) break;
      const Task task = std::move(queue_.front());
      queue_.pop_front();
      running_.insert(task.key);
      ++started_;
      lock.unlock();
      task.work();
      lock.lock();
      running_.erase(task.key);
      if (queue_.empty()) done_.notify_all();
    }
    --threads_;
    done_.notify_all();
  }

  const std::string thread_name_;
  std::mutex mutex_;
  std::condition_variable queued_;
  std::condition_variable done_;
  std::deque<Task> queue_;
  std::set<std::string> running_;  // keys
  std::uint64_t started_ = 0;      // tasks since the beginning
  std::size_t threads_ = 0;
  bool closed_ = false;
};

TaskPool::TaskPool(std::string thread_name)
    : shared_(std::make_shared<Shared>(std::move(thread_name))) {}

TaskPool::~TaskPool() { shared_->close(); }

TaskPool::Unfinished TaskPool::run(Works works, Time deadline) {
  return shared_->run(std::move(works), deadline);
}

}  // namespace rig
