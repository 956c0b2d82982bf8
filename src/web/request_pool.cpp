#include "web/request_pool.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <utility>

#include "rig/log/log.h"

namespace rig {
namespace {

constexpr auto kIdleTimeout = std::chrono::seconds(30);

}  // namespace

struct RequestPool::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> queue;  // never longer than there are idle threads
  unsigned threads = 0;
  unsigned idle = 0;
  bool stopped = false;

  void serve() {
    std::unique_lock lock(mutex);
    while (true) {
      ++idle;
      changed.wait_for(lock, kIdleTimeout, [&] { return stopped || !queue.empty(); });
      --idle;
      if (queue.empty()) break;
      const auto work = std::move(queue.front());
      queue.pop_front();
      lock.unlock();
      work();
      lock.lock();
    }
    --threads;
  }
};

RequestPool::RequestPool(unsigned limit) : limit_(limit), shared_(std::make_shared<Shared>()) {}

RequestPool::~RequestPool() { stop(std::chrono::milliseconds(0)); }

bool RequestPool::add_thread() {
  std::erase_if(threads_, [](const auto& thread) { return thread->finished(); });
  if (shared_->threads >= limit_) return false;
  try {
    threads_.push_back(std::make_unique<StoppableThread>(
        "request", [shared = shared_](const StopToken&) { shared->serve(); },
        [](const std::string& error) { log_error("http: " + error); }));
  } catch (const std::system_error&) {  // a limit of the service or the container
    return false;
  }
  ++shared_->threads;
  return true;
}

bool RequestPool::run(std::function<void()> work) {
  const std::lock_guard lock(shared_->mutex);
  if (shared_->stopped) return false;
  const bool all_busy = shared_->idle <= shared_->queue.size();
  if (all_busy && !add_thread()) return false;
  shared_->queue.push_back(std::move(work));
  shared_->changed.notify_all();
  return true;
}

bool RequestPool::stop(std::chrono::milliseconds timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->stopped = true;
    shared_->changed.notify_all();
  }
  // No thread is added any more.
  bool all_finished = true;
  for (const auto& thread : threads_) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    all_finished = thread->stop(std::max(left, std::chrono::milliseconds(0))) && all_finished;
  }
  return all_finished;
}

}  // namespace rig
