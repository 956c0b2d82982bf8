// The names in the arrays' superblocks ("rig:data"). The kernel does not report them; mdadm passed
// them to udev when it assembled the array.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "raid/raid_array.h"
#include "rig/scrape/collector.h"
#include "rig/threads/timed_task.h"

namespace rig {

// udev's properties of a block device, by kernel name.
using UdevProperties = std::map<std::string, std::string>;
using QueryUdev = std::function<UdevProperties(const std::string& array)>;

// One thread at a time.
class SuperblockNames {
 public:
  // If the function is empty, there is no udev, and no array has a name.
  explicit SuperblockNames(QueryUdev query) : query_(std::move(query)) {}

  // Sets name_in_superblock of every array: empty if udev has none, absent if the query failed or
  // timed out. Arrays whose labels are not known are not queried. Names are cached by array and
  // UUID, since a re-created array has another UUID. Arrays without a UUID (imsm, DDF, inactive)
  // are queried every time.
  void fill_in(std::span<RaidArray> arrays, Samples& samples, Deadline deadline);

 private:
  using ArrayAndUuid = std::pair<std::string, std::string>;
  using Replies = std::map<std::string, UdevProperties>;  // by array

  ReadResult<Replies> query(std::vector<std::string> arrays, Deadline deadline);

  QueryUdev query_;
  std::map<ArrayAndUuid, std::string> known_;
  TimedTask<Replies> task_{"raid udev", "udev"};
};

}  // namespace rig
