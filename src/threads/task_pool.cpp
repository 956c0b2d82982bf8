#include "rig/threads/task_pool.h"

#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>

namespace rig {
namespace {

using Clock = std::chrono::steady_clock;

// Work that takes longer is not waited for by the rest.
constexpr std::chrono::milliseconds kPatience{25};
// Where so many hang, the others of their kind would hang, too.
constexpr std::size_t kMostThreads = 32;

}  // namespace

class TaskPool::Shared : public std::enable_shared_from_this<TaskPool::Shared> {
 public:
  explicit Shared(std::string name) : name_(std::move(name)) {}

  std::set<std::string> run(Pieces pieces, Time deadline) {
    std::unique_lock lock(mutex_);
    // Also work that nobody asks for any more is not waited for again.
    std::set<std::string> late = out_;
    for (auto& piece : pieces) {
      if (!late.contains(piece.first)) waiting_.push_back({piece.first, std::move(piece.second)});
    }
    wait(lock, late, deadline);
    for (const Piece& piece : waiting_) late.insert(piece.key);
    waiting_.clear();
    late.insert(out_.begin(), out_.end());
    return late;
  }

  // Returns when every thread that does not hang has left.
  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    work_to_do_.notify_all();
    work_done_.wait(lock, [&] { return threads_ == out_.size(); });
  }

 private:
  struct Piece {
    std::string key;
    std::function<void()> work;
  };

  // Until all is done but what was out before, or until the deadline.
  void wait(std::unique_lock<std::mutex>& lock, const std::set<std::string>& out_before,
            Time deadline) {
    const auto done = [&] {
      return waiting_.empty() &&
             std::includes(out_before.begin(), out_before.end(), out_.begin(), out_.end());
    };
    call_thread();
    while (!done() && Clock::now() < deadline) {
      const std::uint64_t begun = begun_;
      work_done_.wait_until(lock, std::min(deadline, Clock::now() + kPatience), done);
      if (!waiting_.empty() && begun_ == begun) call_thread();
    }
  }

  // One that has nothing to do, else another.
  void call_thread() {
    if (threads_ == out_.size()) add_thread();
    work_to_do_.notify_one();
  }

  // Where no thread is to be had, those that are there go on.
  void add_thread() {
    if (threads_ >= kMostThreads) return;
    try {
      std::thread([self = shared_from_this()] { self->work(); }).detach();
      ++threads_;
    } catch (const std::system_error&) {
      return;
    }
  }

  void work() {
    name_this_thread(name_);
    std::unique_lock lock(mutex_);
    while (true) {
      work_to_do_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
      if (closed_) break;
      const Piece piece = std::move(waiting_.front());
      waiting_.pop_front();
      out_.insert(piece.key);
      ++begun_;
      lock.unlock();
      piece.work();
      lock.lock();
      out_.erase(piece.key);
      if (waiting_.empty()) work_done_.notify_all();
    }
    --threads_;
    work_done_.notify_all();
  }

  const std::string name_;
  std::mutex mutex_;
  std::condition_variable work_to_do_;
  std::condition_variable work_done_;
  std::deque<Piece> waiting_;
  std::set<std::string> out_;  // those under way
  std::uint64_t begun_ = 0;    // so many were taken up since the beginning
  std::size_t threads_ = 0;
  bool closed_ = false;
};

TaskPool::TaskPool(std::string name) : shared_(std::make_shared<Shared>(std::move(name))) {}

TaskPool::~TaskPool() { shared_->close(); }

std::set<std::string> TaskPool::run_pieces(Pieces pieces, Time deadline) {
  return shared_->run(std::move(pieces), deadline);
}

}  // namespace rig
