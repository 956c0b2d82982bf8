// The disks under the members of the arrays: identity and health.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rig/disk/disk_health.h"
#include "rig/disk/disk_identity.h"
#include "rig/kernel/readable_files.h"
#include "rig/scrape/collector.h"
#include "rig/threads/task_pool.h"
#include "rig/threads/timed_task.h"

namespace rig {

// The disk under a member; several disks are combined.
struct MemberDisk {
  // Kept after the disk has vanished, as long as the array lists the member, so that it can be
  // found. Several disks are separated by commas.
  DiskIdentity identity;
  std::optional<bool> online;
  std::optional<std::uint64_t> io_errors;
  std::optional<double> temperature_celsius;  // of the hottest disk that reports one
};

using ArrayAndMember = std::pair<std::string, std::string>;

// One call at a time.
class MemberDisks {
 public:
  explicit MemberDisks(RootPaths paths);

  // Only reading a temperature sends a command to the disk; if that hangs, only the temperature is
  // missing. Everything else is kernel state and read by one task. A disk in several arrays is read
  // once.
  std::map<ArrayAndMember, MemberDisk> read(const std::vector<std::string>& arrays,
                                            Samples& samples, Deadline deadline);

 private:
  using Identities = std::map<std::string, DiskIdentity>;  // by disk_key()

  struct Disk {
    DiskIdentity identity;
    DiskHealth health;
  };
  struct Found {
    std::map<ArrayAndMember, Disk> members;
    Identities identities;  // final ones of all present disks
    std::vector<Problem> problems;
  };
  class Scan;

  void remember(Found& found);
  std::map<std::string, double> read_temperatures(const Found& found, Samples& samples,
                                                  Deadline deadline);

  RootPaths paths_;
  std::shared_ptr<const Identities> identities_ = std::make_shared<Identities>();
  std::map<ArrayAndMember, DiskIdentity> remembered_;
  ReadableFiles readable_;  // of the temperatures: drives without one refuse to be read
  TimedTask<Found> scan_task_;
  TaskPool temperature_pool_{"disk sensor"};
};

}  // namespace rig
