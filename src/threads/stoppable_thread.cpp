#include "rig/threads/stoppable_thread.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <cstdint>
#include <exception>
#include <utility>

#include "rig/threads/timed_task.h"

namespace rig {
namespace {

// The exporter ends within 100 ms.
constexpr std::chrono::milliseconds kPatience{80};

}  // namespace

Awaited await(int stop, int fd, short events, std::chrono::milliseconds timeout) {
  std::array<pollfd, 2> descriptors{pollfd{stop, POLLIN, 0}, pollfd{fd, events, 0}};
  const int count = poll(descriptors.data(), descriptors.size(), static_cast<int>(timeout.count()));
  if (count <= 0) return {};
  return {descriptors[0].revents != 0, descriptors[1].revents};
}

StoppableThread::StoppableThread(std::string name, Body body, Failed failed)
    : stop_(std::make_shared<const UniqueFd>(eventfd(0, EFD_CLOEXEC))) {
  std::packaged_task<void()> task(
      [stop = stop_, name = std::move(name), body = std::move(body), failed = std::move(failed)] {
        name_this_thread(name);
        try {
          body(stop->get());
        } catch (const std::exception& error) {
          failed(error.what());
        }
      });
  ended_ = task.get_future();
  thread_ = std::thread(std::move(task));
}

StoppableThread::~StoppableThread() {
  eventfd_write(stop_->get(), 1);
  if (ended_.wait_for(kPatience) == std::future_status::ready) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

}  // namespace rig
