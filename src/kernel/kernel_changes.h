// Changes that the running kernel reports.
#pragma once

#include <poll.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "kernel/change_source.h"
#include "rig/kernel/unique_fd.h"

namespace rig {

// A file of procfs that reports changes to poll(2) until it is opened again.
class PolledFile : public ChangeSource {
 public:
  // poll(2)'s events for a change. `marker` exists if the file ought to; empty: it always does.
  explicit PolledFile(std::string path, std::string marker = "", short events = POLLPRI);

  // True also if there ought to be a file, but it cannot be opened.
  bool has_changed() override;

 private:
  const std::string path_;
  const std::string marker_;
  const short events_;
  UniqueFd file_;
};

// The kernel's sysfs, mounted at a directory.
//
// Every uevent, of any device and to whatever namespace, increments kernel/uevent_seqnum
// (kobject_uevent_env() in lib/kobject_uevent.c). Unlike a netlink socket it can be read in every
// container, and cannot overflow. md creates and removes dev-*, rdN and the links in slaves without
// uevents, but reports that to those who poll mdstat (md_new_event() in drivers/md/md.c).
class KernelSysfs : public WatchedDirectory {
 public:
  // "remove" is sent before the directory is removed, and other events before what belongs to a
  // device is complete; md removes dev-* later, in a work queue.
  static constexpr std::chrono::seconds kSettlingTime{5};

  KernelSysfs(const std::string& directory, std::unique_ptr<ChangeSource> mdstat);

  bool has_changed() override;
  bool watch(const std::string& path, Use use) override;
  std::chrono::seconds settling_time() const override { return kSettlingTime; }

 private:
  std::optional<std::uint64_t> read_last_uevent() const;

  const UniqueFd uevent_seqnum_;
  std::optional<std::uint64_t> last_uevent_;
  const std::unique_ptr<ChangeSource> mdstat_;
};

}  // namespace rig
