#include "web/request_pool.h"

#include <system_error>
#include <thread>
#include <utility>

#include "rig/threads/timed_task.h"

namespace rig {
namespace {

constexpr auto kIdleTime = std::chrono::seconds(30);

}  // namespace

struct RequestPool::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> waiting;  // never more than there are idle threads
  unsigned limit = 0;
  unsigned threads = 0;
  unsigned idle = 0;
  bool stopped = false;

  void serve() {
    name_this_thread("answer");
    std::unique_lock lock(mutex);
    while (true) {
      ++idle;
      changed.wait_for(lock, kIdleTime, [&] { return stopped || !waiting.empty(); });
      --idle;
      if (waiting.empty()) break;
      const auto work = std::move(waiting.front());
      waiting.pop_front();
      lock.unlock();
      work();
      lock.lock();
    }
    --threads;
    changed.notify_all();
  }
};

RequestPool::RequestPool(unsigned limit) : shared_(std::make_shared<Shared>()) {
  shared_->limit = limit;
}

RequestPool::~RequestPool() { stop(std::chrono::milliseconds(0)); }

bool RequestPool::run(std::function<void()> work) {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->stopped) return false;
  const bool needs_thread = shared_->idle <= shared_->waiting.size();
  if (needs_thread && shared_->threads >= shared_->limit) return false;
  if (needs_thread) {
    try {
      std::thread([shared = shared_] { shared->serve(); }).detach();
    } catch (const std::system_error&) {  // a limit of the service or the container
      return false;
    }
    ++shared_->threads;
  }
  shared_->waiting.push_back(std::move(work));
  shared_->changed.notify_all();
  return true;
}

bool RequestPool::stop(std::chrono::milliseconds grace) {
  std::unique_lock lock(shared_->mutex);
  shared_->stopped = true;
  shared_->changed.notify_all();
  return shared_->changed.wait_for(lock, grace, [&] { return shared_->threads == 0; });
}

}  // namespace rig
