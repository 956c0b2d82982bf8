// The disks below the members of the arrays: which they are and how they are.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rig/disk/disk_health.h"
#include "rig/disk/disk_identity.h"
#include "rig/scrape/collector.h"
#include "rig/threads/task_pool.h"
#include "rig/threads/timed_task.h"

namespace rig {

// One member's; several disks under it count as one.
struct MemberDisk {
  // Stays when the disk vanishes, as long as the array lists the member: somebody has to find it.
  // Of several disks, with commas between them.
  DiskIdentity identity;
  std::optional<bool> online;
  std::optional<std::uint64_t> io_errors;
  std::optional<double> temperature_celsius;  // of the hottest that tells
};

using ArrayAndMember = std::pair<std::string, std::string>;

// One call at a time.
class MemberDisks {
 public:
  explicit MemberDisks(RootPaths host) : host_(std::move(host)) {}

  // What asks the disk itself, its temperature, costs no more than that when it hangs. The rest is
  // what the kernel remembers, read at one go. A disk in several arrays is asked once.
  std::map<ArrayAndMember, MemberDisk> read(const std::vector<std::string>& arrays,
                                            Samples& samples, Deadline deadline);

 private:
  using Identities = std::map<std::string, DiskIdentity>;  // by disk_key()
  using Celsius = std::optional<double>;

  struct Seen {
    DiskIdentity identity;
    DiskHealth health;
  };
  struct Found {
    std::map<ArrayAndMember, Seen> members;
    Identities identities;  // of all disks that are there and that udev has told of
    std::vector<Problem> problems;
  };
  class Look;

  void remember(const Found& found);
  std::map<std::filesystem::path, Celsius> read_temperatures(const Found& found, Samples& samples,
                                                             Deadline deadline);

  RootPaths host_;
  Identities identities_;
  std::map<ArrayAndMember, DiskIdentity> remembered_;
  TimedTask<Found> look_lane_{"raid disks"};
  TaskPool temperature_crew_{"disk sensor"};
};

}  // namespace rig
