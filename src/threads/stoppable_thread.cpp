#include "rig/threads/stoppable_thread.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>

#include <array>
#include <cerrno>
#include <exception>
#include <system_error>
#include <utility>

#include "rig/threads/thread_limit.h"
#include "rig/threads/thread_name.h"

namespace rig {
namespace {

// Several threads are stopped one after the other, and the exporter has to exit within a second.
constexpr std::chrono::milliseconds kStopTimeout{80};

// A new thread inherits the signal mask of its creator.
class AllSignalsBlocked {
 public:
  AllSignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  AllSignalsBlocked(const AllSignalsBlocked&) = delete;
  AllSignalsBlocked& operator=(const AllSignalsBlocked&) = delete;
  ~AllSignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_{};
};

}  // namespace

bool StopToken::stop_requested() const { return wait_for(std::chrono::milliseconds(0)); }

bool StopToken::wait_for(std::chrono::milliseconds timeout) const {
  return poll_until_stopped(*this, -1, 0, timeout).stop;
}

StoppableThread::StoppableThread(std::string thread_name, Body body, OnError on_error)
    : stop_fd_(std::make_shared<const UniqueFd>(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))) {
  if (!stop_fd_->is_open()) throw std::system_error(errno, std::generic_category(), "eventfd");
  std::packaged_task<void()> task([fd = stop_fd_, name = std::move(thread_name),
                                   body = std::move(body), on_error = std::move(on_error)] {
    set_thread_name(name);
    try {
      body(StopToken(fd->get()));
    } catch (const std::exception& error) {
      on_error(error.what());
    } catch (...) {  // no thread is ever cancelled: this is no forced unwinding
      on_error("unknown exception");
    }
  });
  ended_ = task.get_future();
  const AllSignalsBlocked blocked;
  try {
    thread_ = std::thread(std::move(task));
  } catch (const std::system_error& error) {
    throw std::system_error(error.code(), no_thread_message());
  }
}

StoppableThread::~StoppableThread() { stop(kStopTimeout); }

bool StoppableThread::stop(std::chrono::milliseconds timeout) {
  if (!thread_.joinable()) return finished();
  eventfd_write(stop_fd_->get(), 1);
  if (ended_.wait_for(timeout) == std::future_status::ready) {
    thread_.join();
    return true;
  }
  thread_.detach();
  return false;
}

bool StoppableThread::finished() const {
  return ended_.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}

PollResult poll_until_stopped(const StopToken& stop, int fd, short events,
                              std::chrono::milliseconds timeout) {
  std::array<pollfd, 2> descriptors{pollfd{stop.fd(), POLLIN, 0}, pollfd{fd, events, 0}};
  const int count = poll(descriptors.data(), descriptors.size(), static_cast<int>(timeout.count()));
  if (count <= 0) return {};
  return {descriptors[0].revents != 0, descriptors[1].revents};
}

}  // namespace rig
