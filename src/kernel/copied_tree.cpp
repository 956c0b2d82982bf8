#include "kernel/copied_tree.h"

#include <linux/magic.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <utility>

namespace rig {
namespace {

// XFS_SUPER_MAGIC, which linux/magic.h does not have in all versions.
constexpr auto kXfs = 0x58465342;
// As many links as the kernel follows in a path.
constexpr int kMaxLinks = 40;
constexpr std::uint32_t kStructure = IN_CREATE | IN_DELETE | IN_MOVE | IN_ATTRIB | IN_DELETE_SELF |
                                     IN_MOVE_SELF | IN_ONLYDIR | IN_DONT_FOLLOW;

std::shared_ptr<const UniqueFd> open_inotify() {
  return std::make_shared<const UniqueFd>(inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
}

// Of ext2 and ext3, too.
bool is_local(decltype(statfs::f_type) type) {
  return type == EXT4_SUPER_MAGIC || type == BTRFS_SUPER_MAGIC || type == kXfs ||
         type == TMPFS_MAGIC;
}

}  // namespace

CopiedTree::CopiedTree(std::string directory, std::size_t max_watches)
    : top_(std::move(directory)),
      max_watches_(max_watches),
      identity_(identity()),
      inotify_(open_inotify()) {}

bool CopiedTree::reports_changes(const std::string& directory) {
  struct statfs found {};
  return statfs(directory.c_str(), &found) == 0 &&
         (is_local(found.f_type) || found.f_type == OVERLAYFS_SUPER_MAGIC);
}

bool CopiedTree::may_keep(int file) {
  struct stat status {};
  struct statfs found {};
  return fstat(file, &status) == 0 && S_ISREG(status.st_mode) && fstatfs(file, &found) == 0 &&
         is_local(found.f_type);
}

std::optional<CopiedTree::Identity> CopiedTree::identity() const {
  struct stat status {};
  if (stat(top_.c_str(), &status) != 0) return std::nullopt;
  return Identity{status.st_dev, status.st_ino};
}

// Directories above the copy are not watched, as they may have much to do with other things:
// instead it must be the same directory still.
bool CopiedTree::has_changed() {
  const auto before = std::exchange(identity_, identity());
  const bool events = receive_events();
  return events || !identity_ || before != identity_;
}

// Whether there were any, or they could not be received.
bool CopiedTree::receive_events() const {
  const auto inotify = begin_walk().inotify;
  alignas(inotify_event) std::array<char, 16384> events;
  bool received = false;
  while (true) {
    const ssize_t size = read(inotify->get(), events.data(), events.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return received || errno != EAGAIN;
    if (size == 0) return true;
    received = true;
  }
}

// The watches are kept: a directory that is used again has the same one. Those of others only
// report needless changes, until there are too many.
void CopiedTree::forget() {
  const std::lock_guard lock(mutex_);
  ++generation_;
  places_.clear();
  watched_.clear();
  if (watches_.size() < max_watches_) return;
  watches_.clear();
  inotify_ = open_inotify();
}

bool CopiedTree::watch(const std::string& path, Use use) {
  Walk walk = begin_walk();
  const Place place = look_up(walk, path);
  if (place.kind == Place::Kind::unwatched) return false;
  if (place.kind == Place::Kind::nowhere || use == Use::look_up) return true;
  return use == Use::list ? watch_directory(walk, place.path) : watch_content(walk, place.path);
}

CopiedTree::Walk CopiedTree::begin_walk() const {
  const std::lock_guard lock(mutex_);
  return {inotify_, generation_};
}

CopiedTree::Place CopiedTree::place_of(Walk& walk, const std::string& path) {
  {
    const std::lock_guard lock(mutex_);
    const auto known = places_.find(path);
    if (known != places_.end() && walk.generation == generation_) return known->second;
  }
  Place place = look_up(walk, path);
  const std::lock_guard lock(mutex_);
  if (walk.generation == generation_) places_.emplace(path, place);
  return place;
}

CopiedTree::Place CopiedTree::look_up(Walk& walk, const std::string& path) {
  if (path == top_) return {Place::Kind::directory_or_file, path};
  // A path with ".." may leave the directory and return.
  if (path.size() <= top_.size() || !path.starts_with(top_) || path[top_.size()] != '/') return {};
  const auto slash = path.rfind('/');
  Place parent = place_of(walk, path.substr(0, slash));
  if (parent.kind != Place::Kind::directory_or_file) return parent;
  const std::string name = path.substr(slash + 1);
  if (name.empty() || name == ".") return parent;
  if (name == "..") {
    if (parent.path == top_) return {};
    return {parent.kind, parent.path.substr(0, parent.path.rfind('/'))};
  }
  if (!watch_directory(walk, parent.path)) return {};
  const std::string place = parent.path + "/" + name;
  std::array<char, PATH_MAX> target;
  const ssize_t size = readlink(place.c_str(), target.data(), target.size());
  if (size >= 0) return follow(walk, parent.path, {target.data(), static_cast<std::size_t>(size)});
  if (errno == EINVAL) return {Place::Kind::directory_or_file, place};
  if (errno == ENOENT) return {Place::Kind::nowhere, place};
  return {};
}

CopiedTree::Place CopiedTree::follow(Walk& walk, const std::string& directory,
                                     std::string_view target) {
  if (++walk.links > kMaxLinks || target.empty() || target.front() == '/') return {};
  std::string path = directory;
  while (target.starts_with("../")) {
    if (path == top_) return {};
    path.resize(path.rfind('/'));
    target.remove_prefix(3);
  }
  return place_of(walk, path.append("/").append(target));
}

bool CopiedTree::watch_directory(Walk& walk, const std::string& directory) {
  return add_watch(walk, directory, kStructure);
}

bool CopiedTree::watch_content(Walk& walk, const std::string& file) {
  return add_watch(walk, file, IN_MODIFY | IN_DONT_FOLLOW);
}

// True if it is watched already, too.
bool CopiedTree::add_watch(Walk& walk, const std::string& path, std::uint32_t events) {
  {
    const std::lock_guard lock(mutex_);
    if (walk.generation != generation_) return false;
    if (watched_.contains(path)) return true;
    if (watches_.size() >= max_watches_) return false;
  }
  const int watch = inotify_add_watch(walk.inotify->get(), path.c_str(), events);
  if (watch < 0 || !reports_changes(path)) return false;
  const std::lock_guard lock(mutex_);
  if (walk.generation != generation_) return false;
  watches_.insert(watch);
  watched_.insert(path);
  return true;
}

}  // namespace rig
