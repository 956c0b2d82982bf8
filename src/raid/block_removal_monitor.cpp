#include "raid/block_removal_monitor.h"

#include <fcntl.h>
#include <libudev.h>
#include <linux/nsfs.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <mutex>
#include <system_error>
#include <utility>

#include "rig/kernel/unique_fd.h"
#include "rig/log/log.h"

namespace rig {
namespace {

template <typename T>
using Owned = std::unique_ptr<T, T* (*)(T*)>;

using Monitor = Owned<udev_monitor>;

// The inode of the first user namespace: fixed in the kernel (PROC_USER_INIT_INO).
constexpr ino_t kFirstUserNamespace = 0xEFFFFFFD;

Monitor open_monitor() {
  const Owned<udev> context(udev_new(), udev_unref);
  Monitor monitor(context ? udev_monitor_new_from_netlink(context.get(), "kernel") : nullptr,
                  udev_monitor_unref);
  if (monitor &&
      (udev_monitor_filter_add_match_subsystem_devtype(monitor.get(), "block", nullptr) < 0 ||
       udev_monitor_enable_receiving(monitor.get()) < 0))
    monitor.reset();
  return monitor;
}

// Takes the error that poll(2) reports from the socket.
int socket_error(int fd) {
  int error_number = 0;
  socklen_t size = sizeof error_number;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error_number, &size) == 0 ? error_number : errno;
}

std::string text(const char* words) { return words != nullptr ? words : ""; }

}  // namespace

bool uevents_arrive(const std::filesystem::path& proc) {
  const UniqueFd network(open((proc / "self/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
  // Refused (EPERM) to who is in another user namespace himself.
  const UniqueFd owner(ioctl(network.get(), NS_GET_USERNS));
  struct stat found {};
  return fstat(owner.get(), &found) == 0 && found.st_ino == kFirstUserNamespace;
}

void count_removal(RemovalCounts& counts, std::string_view action, std::string device) {
  if (action != "remove") return;
  std::ranges::replace(device, '!', '/');
  ++counts[device];
}

struct BlockEvents::Shared {
  std::mutex mutex;
  std::optional<RemovalCounts> counts;
  bool told_of_loss = false;

  void publish(std::optional<RemovalCounts> now) {
    const std::lock_guard lock(mutex);
    counts = std::move(now);
  }

  void watch(const std::filesystem::path& proc, int stop) {
    const Monitor monitor = uevents_arrive(proc) ? open_monitor() : Monitor(nullptr, nullptr);
    if (!monitor) {
      log_debug("vanished RAID members are not counted: the kernel's uevents do not arrive here");
      return;
    }
    publish(RemovalCounts());
    while (true) {
      const Awaited awaited =
          await(stop, udev_monitor_get_fd(monitor.get()), POLLIN, std::chrono::milliseconds(-1));
      if (awaited.stop) return;
      if ((awaited.events & ~POLLIN) != 0 && !goes_on(monitor)) return publish(std::nullopt);
      if ((awaited.events & POLLIN) != 0) receive(monitor);
    }
  }

  bool goes_on(const Monitor& monitor) {
    const int error_number = socket_error(udev_monitor_get_fd(monitor.get()));
    if (error_number != ENOBUFS) {
      log_warn("vanished RAID members are no longer counted: uevents: " +
               std::generic_category().message(error_number));
      return false;
    }
    if (!std::exchange(told_of_loss, true))
      log_warn("uevents came too fast: some vanished RAID members may not have been counted");
    return true;
  }

  void receive(const Monitor& monitor) {
    const Owned<udev_device> device(udev_monitor_receive_device(monitor.get()), udev_device_unref);
    if (!device) return;
    const std::lock_guard lock(mutex);
    count_removal(*counts, text(udev_device_get_action(device.get())),
                  text(udev_device_get_sysname(device.get())));
  }
};

BlockEvents::BlockEvents(const std::filesystem::path& proc)
    : shared_(std::make_shared<Shared>()),
      thread_(
          "raid removals", [shared = shared_, proc](int stop) { shared->watch(proc, stop); },
          [shared = shared_](const std::string& error) {
            shared->publish(std::nullopt);
            log_warn("vanished RAID members are no longer counted: " + error);
          }) {}

std::optional<RemovalCounts> BlockEvents::removals() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->counts;
}

}  // namespace rig
