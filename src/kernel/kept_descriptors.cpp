#include "rig/kernel/kept_descriptors.h"

#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/statfs.h>

#include <algorithm>
#include <atomic>
#include <utility>

namespace rig {
namespace {

// The kernel keeps 4 to 4.5 kB for each attribute of sysfs that was read: 28 MB for so many. A
// machine with 8 GPUs, 64 CPUs and 32 arrays has 1,400, one with 128 arrays 4,700; more than these
// are opened by their paths.
constexpr std::size_t kMaxKept = 6144;

std::atomic<KeptDescriptors*> kept = nullptr;

bool is_sysfs(const std::filesystem::path& directory) {
  struct statfs found {};
  return statfs(directory.c_str(), &found) == 0 && found.f_type == SYSFS_MAGIC;
}

// How many descriptors can be kept: at most a quarter of the limit, or as many as it was raised by.
std::size_t raise_descriptor_limit_by(std::size_t wanted) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
  const rlim_t raised = std::min<rlim_t>(limit.rlim_cur + wanted, limit.rlim_max);
  const rlimit next{raised, limit.rlim_max};
  const std::size_t added = raised - limit.rlim_cur;
  if (added > limit.rlim_cur / 4 && setrlimit(RLIMIT_NOFILE, &next) == 0) return added;
  return std::min<std::size_t>(limit.rlim_cur / 4, wanted);
}

}  // namespace

KeptDescriptors::Taken KeptDescriptors::take(const std::string& path) {
  const std::lock_guard lock(mutex_);
  const auto found = by_path_.find(path);
  if (found == by_path_.end()) return {};
  return {std::move(found->second->descriptor), found->second->origin};
}

bool KeptDescriptors::put_back(const std::string& path, UniqueFd file, Origin origin,
                               Clock::time_point now) {
  const std::lock_guard lock(mutex_);
  close_unused(now);
  if (origin.epoch != epoch_) return false;
  const auto found = by_path_.find(path);
  if (found != by_path_.end()) {
    // Two threads that read the same file have a descriptor each.
    if (found->second->descriptor.is_open()) return true;
    found->second->descriptor = std::move(file);
    found->second->origin = origin;
    found->second->used = now;
    files_.splice(files_.begin(), files_, found->second);
    return true;
  }
  if (files_.size() >= capacity_) return false;
  files_.push_front({path, std::move(file), origin, now});
  by_path_.emplace(files_.front().path, files_.begin());
  return true;
}

void KeptDescriptors::clear() {
  Files closed;  // without the lock
  const std::lock_guard lock(mutex_);
  ++epoch_;
  by_path_.clear();
  closed.swap(files_);
}

KeptDescriptors::Epoch KeptDescriptors::epoch() const {
  const std::lock_guard lock(mutex_);
  return epoch_;
}

std::size_t KeptDescriptors::size() const {
  const std::lock_guard lock(mutex_);
  return static_cast<std::size_t>(
      std::ranges::count_if(files_, [](const File& file) { return file.descriptor.is_open(); }));
}

void KeptDescriptors::close_unused(Clock::time_point now) {
  while (!files_.empty() && now - files_.back().used > kUnusedFor) {
    by_path_.erase(files_.back().path);
    files_.pop_back();
  }
}

void keep_attributes_open(const std::filesystem::path& sysfs) {
  if (is_sysfs(sysfs)) keep_files_open();
}

void keep_files_open() {
  if (kept != nullptr) return;
  const std::size_t capacity = raise_descriptor_limit_by(kMaxKept);
  // Never destroyed: threads that hang in the kernel may use it until the process has ended.
  if (capacity > 0) kept = new KeptDescriptors(capacity);
}

KeptDescriptors* kept_attributes() { return kept; }

}  // namespace rig
