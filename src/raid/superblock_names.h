// What an array calls itself: the name in its superblock ("rig:data"), which the kernel does not
// tell. mdadm told it to udev when the array was started.
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

// What udev knows of a block device, by its kernel name.
using UdevProperties = std::map<std::string, std::string>;
using AskUdev = std::function<UdevProperties(const std::string& array)>;

// One thread at a time.
class ArrayNames {
 public:
  // Without a function there is no udev, and no array has a name.
  explicit ArrayNames(AskUdev ask) : ask_(std::move(ask)) {}

  // Gives each array its name: empty when udev knows none, absent when udev does not come back.
  // Of one whose labels are not known it is not asked for.
  // udev is asked once for each array that it knows, by its UUID: an array that was made anew has
  // another. One without (imsm, DDF, inactive) is asked for each time.
  void give(std::span<RaidArray> arrays, Samples& samples, Deadline deadline);

 private:
  using ArrayAndUuid = std::pair<std::string, std::string>;
  using Answers = std::map<std::string, UdevProperties>;  // by array

  TimedTask<Answers>::Outcome ask(std::vector<std::string> arrays, Deadline deadline);

  AskUdev ask_;
  std::map<ArrayAndUuid, std::string> known_;
  TimedTask<Answers> lane_{"raid udev"};
};

}  // namespace rig
