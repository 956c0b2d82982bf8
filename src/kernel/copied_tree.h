// Changes in a copy of a machine's procfs or sysfs, on a disk or in memory: inotify(7).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "kernel/change_source.h"
#include "rig/kernel/unique_fd.h"

namespace rig {

// Watches every directory in which a name of a path, or of the links in it, is looked up.
class CopiedTree : public WatchedDirectory {
 public:
  static constexpr std::size_t kMaxWatches = 16384;

  explicit CopiedTree(std::string directory, std::size_t max_watches = kMaxWatches);

  bool has_changed() override;
  bool watch(const std::string& path, Use use) override;
  void forget() override;
  // An event is sent when a change is complete.
  std::chrono::seconds settling_time() const override { return std::chrono::seconds(0); }

  // Whether inotify reports all changes in a directory: not if another machine, or a program that
  // provides the filesystem, may make them.
  static bool reports_changes(const std::string& directory);
  // Whether an open file of such a filesystem may be kept until a change of its directory is
  // reported. On an overlay it may be another one than that which others write.
  static bool may_keep(int file);

 private:
  // Where a path leads. Links are followed except for absolute ones and those out of the directory.
  struct Place {
    enum class Kind { directory_or_file, nowhere, unwatched };
    Kind kind = Kind::unwatched;
    std::string path;  // without links
  };
  struct Identity {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    bool operator==(const Identity&) const = default;
  };
  // What a walk needs. The descriptor stays open until the walk has ended.
  struct Walk {
    std::shared_ptr<const UniqueFd> inotify;
    std::uint64_t generation = 0;
    int links = 0;
  };

  Walk begin_walk() const;
  // Of directories; remembered, as much is below each of them.
  Place place_of(Walk& walk, const std::string& path);
  Place look_up(Walk& walk, const std::string& path);
  Place follow(Walk& walk, const std::string& directory, std::string_view target);
  bool watch_directory(Walk& walk, const std::string& directory);
  bool watch_content(Walk& walk, const std::string& file);
  bool add_watch(Walk& walk, const std::string& path, std::uint32_t events);

  bool receive_events() const;
  std::optional<Identity> identity() const;

  const std::string top_;
  const std::size_t max_watches_;
  std::optional<Identity> identity_;  // of the directory itself

  mutable std::mutex mutex_;
  std::shared_ptr<const UniqueFd> inotify_;
  std::uint64_t generation_ = 0;
  std::unordered_map<std::string, Place> places_;
  std::unordered_set<std::string> watched_;
  std::unordered_set<int> watches_;  // also of directories that are not used any more
};

}  // namespace rig
