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

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"
#include "rig/kernel/unique_fd.h"
#include "rig/log/log.h"

namespace rig {
namespace {

template <typename T>
using Owned = std::unique_ptr<T, T* (*)(T*)>;

using Monitor = Owned<udev_monitor>;

// Inode of the initial user namespace: fixed in the kernel (PROC_USER_INIT_INO).
constexpr ino_t kInitialUserNamespace = 0xEFFFFFFD;

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

// The pending error of a socket; reading it clears it.
int socket_error(int fd) {
  int error_number = 0;
  socklen_t size = sizeof error_number;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error_number, &size) == 0 ? error_number : errno;
}

// The kernel creates this setting in the initial network namespace only; /proc/sys/net shows that
// of the reader.
bool is_initial_network_namespace(const std::filesystem::path& proc) {
  return std::filesystem::exists(proc / "sys/net/core/netdev_max_backlog");
}

// libudev accepts uevents from user 0 only, as whom the kernel appears if root is mapped into this
// user namespace. Lines: first ID inside, first ID outside, count.
bool maps_root(const std::filesystem::path& proc) {
  const auto map = read_text(proc / "self/uid_map");
  if (!map) return false;
  for (const std::string_view line : lines(*map)) {
    const auto ids = words(line);
    if (ids.size() == 3 && ids[0] == "0" && ids[1] == "0") return true;
  }
  return false;
}

std::string string_or_empty(const char* text) { return text != nullptr ? text : ""; }

}  // namespace

bool receives_uevents(const std::filesystem::path& proc) {
  const UniqueFd network(open((proc / "self/ns/net").c_str(), O_RDONLY | O_CLOEXEC));
  const UniqueFd owner(ioctl(network.get(), NS_GET_USERNS));
  if (owner.is_open()) {
    struct stat status {};
    return fstat(owner.get(), &status) == 0 && status.st_ino == kInitialUserNamespace;
  }
  // A child user namespace, as with PrivateUsers= in a systemd unit, may not ask who owns the
  // network namespace. The initial one receives all uevents.
  return errno == EPERM && is_initial_network_namespace(proc) && maps_root(proc);
}

void count_removal(RemovalCounts& counts, std::string_view action, std::string device) {
  if (action != "remove") return;
  std::ranges::replace(device, '!', '/');
  ++counts[device];
}

struct BlockRemovalMonitor::Shared {
  std::mutex mutex;
  std::optional<RemovalCounts> counts;
  bool loss_logged = false;

  void publish(std::optional<RemovalCounts> now) {
    const std::lock_guard lock(mutex);
    counts = std::move(now);
  }

  void watch(bool receives, const StopToken& stop) {
    const Monitor monitor = receives ? open_monitor() : Monitor(nullptr, nullptr);
    if (!monitor) {
      log_debug("removals of RAID members are not counted: no kernel uevents in this namespace");
      return;
    }
    publish(RemovalCounts());
    while (true) {
      const PollResult polled = poll_until_stopped(stop, udev_monitor_get_fd(monitor.get()), POLLIN,
                                                   std::chrono::milliseconds(-1));
      if (polled.stop) return;
      if ((polled.events & ~POLLIN) != 0 && !can_continue(monitor)) return publish(std::nullopt);
      if ((polled.events & POLLIN) != 0) receive(monitor);
    }
  }

  bool can_continue(const Monitor& monitor) {
    const int error_number = socket_error(udev_monitor_get_fd(monitor.get()));
    if (error_number != ENOBUFS) {
      log_warn("removals of RAID members are no longer counted: uevents: " +
               std::generic_category().message(error_number));
      return false;
    }
    if (!std::exchange(loss_logged, true))
      log_warn("uevents were lost: some removals of RAID members may not have been counted");
    return true;
  }

  void receive(const Monitor& monitor) {
    const Owned<udev_device> device(udev_monitor_receive_device(monitor.get()), udev_device_unref);
    if (!device) return;
    const std::lock_guard lock(mutex);
    count_removal(*counts, string_or_empty(udev_device_get_action(device.get())),
                  string_or_empty(udev_device_get_sysname(device.get())));
  }
};

BlockRemovalMonitor::BlockRemovalMonitor(const std::filesystem::path& proc)
    : receives_(receives_uevents(proc)),
      shared_(std::make_shared<Shared>()),
      thread_(
          "raid removals",
          [shared = shared_, receives = receives_](const StopToken& stop) {
            shared->watch(receives, stop);
          },
          [shared = shared_](const std::string& error) {
            shared->publish(std::nullopt);
            log_warn("removals of RAID members are no longer counted: " + error);
          }) {}

bool BlockRemovalMonitor::is_active() const { return receives_ && !thread_.finished(); }

std::optional<RemovalCounts> BlockRemovalMonitor::removals() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->counts;
}

}  // namespace rig
