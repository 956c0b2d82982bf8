#include "rig/threads/task_pool.h"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <set>
#include <system_error>
#include <thread>

#include "rig/threads/thread_name.h"

namespace rig {
namespace {

using Clock = std::chrono::steady_clock;

// The longest time that one task may delay the others.
constexpr auto kHandOverAfter = InlineOperations::kSlow;
// If this many tasks hang, the remaining ones would probably hang too.
constexpr std::size_t kMaxThreads = 32;

}  // namespace

class TaskPool::Shared : public std::enable_shared_from_this<TaskPool::Shared> {
 public:
  explicit Shared(std::string thread_name) : thread_name_(std::move(thread_name)) {}

  std::map<std::string, Outcome> run(Works& works, Time deadline) {
    std::unique_lock lock(mutex_);
    // Tasks in progress that are not in `works` are not waited for.
    for (const auto& [key, result] : running_) {
      if (!works.contains(key)) hung_.insert(key);
    }
    std::map<std::string, Outcome> outcomes;
    for (auto& [key, work] : works) {
      auto& outcome = outcomes[key];
      outcome.result = work.result.value;
      if (hung_.contains(key)) {
        outcome.state = State::timed_out;
      } else if (const auto joined = running_.find(key); joined == running_.end()) {
        queue_.push_back({key, std::move(work)});
      } else if (*joined->second.type == *work.result.type) {
        outcome.result = joined->second.value;
      } else {
        hung_.insert(key);
        outcome.state = State::timed_out;
      }
    }
    // Without tasks no thread is woken, or created.
    const bool had_threads = all_done() || wait(lock, deadline);
    for (const Task& task : queue_)
      outcomes[task.key].state = had_threads ? State::timed_out : State::without_thread;
    queue_.clear();
    for (const auto& [key, result] : running_) {
      hung_.insert(key);
      if (const auto outcome = outcomes.find(key); outcome != outcomes.end())
        outcome->second.state = State::timed_out;
    }
    return outcomes;
  }

  InlineStart begin_inline(const std::string& key, Result result, Time deadline) {
    if (Clock::now() >= deadline) return InlineStart::timed_out;
    const std::lock_guard lock(mutex_);
    if (running_.contains(key) || running_.size() >= kMaxThreads) return InlineStart::timed_out;
    if (slow_.contains(key)) return InlineStart::needs_thread;
    running_.emplace(key, std::move(result));
    return InlineStart::begun;
  }

  void end(const std::string& key, Clock::duration duration) {
    const std::lock_guard lock(mutex_);
    remove(key, duration);
    done_.notify_all();
  }

  // Returns when every thread whose task does not hang has ended.
  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    queued_.notify_all();
    done_.wait(lock, [&] { return threads_ == busy_; });
  }

 private:
  struct Task {
    std::string key;
    Work work;
  };

  // Of those that do not hang.
  bool all_returned() const { return running_.size() == hung_.size(); }
  bool all_done() const { return queue_.empty() && all_returned(); }

  // Waits until all tasks have returned except those that hang, or until the deadline. Returns
  // false if no thread is left for the tasks in the queue: every existing one hangs, and no other
  // can be created.
  bool wait(std::unique_lock<std::mutex>& lock, Time deadline) {
    bool can_add = queue_.empty() || wake_thread();
    while (!all_done() && Clock::now() < deadline) {
      if (!can_add && all_returned()) return false;
      const std::uint64_t started = started_;
      done_.wait_until(lock, std::min(deadline, Clock::now() + kHandOverAfter),
                       [&] { return all_done(); });
      if (!queue_.empty() && started_ == started) can_add = wake_thread();
    }
    return true;
  }

  void remove(const std::string& key, Clock::duration duration) {
    running_.erase(key);
    hung_.erase(key);
    try {
      if (duration >= kHandOverAfter) {
        slow_.insert(key);
      } else if (!slow_.empty()) {
        slow_.erase(key);
      }
    } catch (const std::bad_alloc&) {  // it runs in the thread of its caller again
    }
  }

  // Wakes an idle thread, or creates one if there is none. Returns false if none can be created:
  // the existing ones run the remaining tasks then.
  bool wake_thread() {
    const bool exists = threads_ > busy_ || add_thread();
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
      running_.emplace(task.key, task.work.result);
      ++started_;
      ++busy_;
      lock.unlock();
      const auto begin = Clock::now();
      task.work.run();
      const auto end = Clock::now();
      lock.lock();
      --busy_;
      remove(task.key, end - begin);
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
  std::map<std::string, Result> running_;  // by key, in threads of the pool and inline
  std::set<std::string> hung_;             // those of them that nobody waits for any more
  std::set<std::string> slow_;             // keys of tasks that took long the last time
  std::uint64_t started_ = 0;              // tasks since the beginning
  std::size_t threads_ = 0;
  std::size_t busy_ = 0;  // threads that run a task
  bool closed_ = false;
};

TaskPool::TaskPool(std::string thread_name)
    : shared_(std::make_shared<Shared>(std::move(thread_name))) {}

TaskPool::~TaskPool() { shared_->close(); }

std::map<std::string, TaskPool::Outcome> TaskPool::run(Works works, Time deadline) {
  return shared_->run(works, deadline);
}

TaskPool::InlineStart TaskPool::begin_inline(const std::string& key, Result result, Time deadline) {
  return shared_->begin_inline(key, std::move(result), deadline);
}

void TaskPool::end_inline(const std::string& key, Time::duration duration) {
  shared_->end(key, duration);
}

}  // namespace rig
