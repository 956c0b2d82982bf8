// A machine with made-up mounts for tests of the filesystem collector.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "host/filesystem_collector.h"
#include "support/collect.h"
#include "support/series.h"
#include "support/temporary_directory.h"

// Replaces stat_filesystem(): the directories in `usages` exist, all others do not.
inline rig::StatFilesystem stat_in(std::map<std::string, rig::FilesystemUsage> usages) {
  return [usages = std::move(usages)](const std::filesystem::path& directory) {
    const auto found = usages.find(directory.string());
    return found == usages.end() ? rig::ReadResult<rig::FilesystemUsage>() : found->second;
  };
}

inline rig::FilesystemUsage usage_of(unsigned device_major, unsigned device_minor,
                                     double size_bytes = 4) {
  return {.device_major = device_major,
          .device_minor = device_minor,
          .is_btrfs = false,
          .size_bytes = size_bytes,
          .free_bytes = 3,
          .available_bytes = 2,
          .files = 20,
          .files_free = 10};
}

class FilesystemMachine {
 public:
  explicit FilesystemMachine(std::string_view mountinfo, std::filesystem::path root = "/")
      : root_(std::move(root)) {
    write_mountinfo(mountinfo);
  }

  void write_mountinfo(std::string_view text) const { files_.write("proc/1/mountinfo", text); }

  // Writes the ext4 counts of a device given by number ("8:1") and name; an empty text is a missing
  // file.
  void write_ext4(const std::string& number, const std::string& device, std::string_view errors,
                  std::string_view warnings) const {
    const auto links = files_.path() / "sys/dev/block";
    std::filesystem::create_directories(links);
    std::filesystem::create_directory_symlink("../../devices/" + device, links / number);
    const std::string ext4 = "sys/fs/ext4/" + device;
    if (!errors.empty()) files_.write(ext4 + "/errors_count", errors);
    if (!warnings.empty()) files_.write(ext4 + "/warning_count", warnings);
  }

  std::unique_ptr<rig::Collector> collector(rig::StatFilesystem stat,
                                            unsigned max_filesystems = 256) const {
    return rig::make_filesystem_collector({files_.path() / "proc", files_.path() / "sys", root_},
                                          std::move(stat), max_filesystems);
  }
  rig::Samples collect(rig::StatFilesystem stat) const {
    return ::collect(*collector(std::move(stat)));
  }

  const TemporaryDirectory& files() const { return files_; }

 private:
  TemporaryDirectory files_;
  std::filesystem::path root_;
};

// `name{device="...",fstype="...",mountpoint="..."}`
inline std::string filesystem_series(std::string_view metric, std::string_view source,
                                     std::string_view mountpoint,
                                     std::string_view fstype = "ext4") {
  return "rig_filesystem_" + std::string(metric) + "{device=\"" + std::string(source) +
         "\",fstype=\"" + std::string(fstype) + "\",mountpoint=\"" + std::string(mountpoint) +
         "\"}";
}

// The series of rig_filesystem_size_bytes.
inline std::vector<std::string> size_series(const rig::Samples& samples) {
  std::vector<std::string> names;
  for (const auto& [name, value] : series(samples)) {
    if (name.starts_with("rig_filesystem_size_bytes")) names.push_back(name);
  }
  return names;
}
