#include "kernel/kernel_changes.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <utility>

#include "kernel/open_file.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

bool is_certainly_absent(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) != 0 && means_no_file(errno);
}

// Where structure changes and nothing reports it: device mapper links the devices below a table
// when that is loaded, which it reports when it is used; md's lockless bitmaps come and go with
// their settings; an array that has not been started gets its members without an event; and KFD has
// directories of processes.
bool changes_silently(std::string_view path, WatchedDirectory::Use use) {
  constexpr std::array<std::string_view, 3> kSilent{"/dm-", "/llbitmap", "/kfd/"};
  const auto is_part = [path](std::string_view part) { return path.find(part) != path.npos; };
  if (std::ranges::any_of(kSilent, is_part)) return true;
  const bool of_array = path.find("/md") != path.npos;
  return use == WatchedDirectory::Use::list && of_array &&
         (path.ends_with("/md") || path.ends_with("/slaves"));
}

// Whether this is on the kernel's sysfs: containers have other filesystems mounted in it, such as
// lxcfs. Where there is nothing, the nearest directory above it counts.
bool is_on_sysfs(std::string path) {
  struct statfs found {};
  while (!path.empty()) {
    if (statfs(path.c_str(), &found) == 0) return found.f_type == SYSFS_MAGIC;
    if (!means_no_file(errno)) return false;
    const auto slash = path.rfind('/');
    path.resize(slash == path.npos ? 0 : slash);
  }
  return false;
}

}  // namespace

PolledFile::PolledFile(std::string path, std::string marker, short events)
    : path_(std::move(path)), marker_(std::move(marker)), events_(events) {}

bool PolledFile::has_changed() {
  if (file_.is_open()) {
    // POLLOUT, which these files never report, is what procfs says of a file that is gone.
    pollfd polled{file_.get(), static_cast<short>(events_ | POLLOUT), 0};
    if (poll(&polled, 1, 0) == 0) return false;
  }
  // Without O_NONBLOCK a test's FIFO would wait for its writer; files of procfs ignore it.
  file_ = UniqueFd(open(path_.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (file_.is_open()) return true;
  return errno != ENOENT || marker_.empty() || !is_certainly_absent(marker_);
}

KernelSysfs::KernelSysfs(const std::string& directory, std::unique_ptr<ChangeSource> mdstat)
    : uevent_seqnum_(open((directory + "/kernel/uevent_seqnum").c_str(), O_RDONLY | O_CLOEXEC)),
      mdstat_(std::move(mdstat)) {}

std::optional<std::uint64_t> KernelSysfs::read_last_uevent() const {
  std::array<char, 32> text{};
  const ssize_t size = pread(uevent_seqnum_.get(), text.data(), text.size(), 0);
  if (size <= 0) return std::nullopt;
  return parse_number<std::uint64_t>(
      trim(std::string_view(text.data(), static_cast<std::size_t>(size))));
}

bool KernelSysfs::has_changed() {
  const auto before = std::exchange(last_uevent_, read_last_uevent());
  const bool same_uevent = last_uevent_ && before == last_uevent_;
  return mdstat_->has_changed() || !same_uevent;
}

bool KernelSysfs::watch(const std::string& path, Use use) {
  return !changes_silently(path, use) && is_on_sysfs(path);
}

}  // namespace rig
