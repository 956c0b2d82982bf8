// What an array calls itself: the name in its superblock ("rig:data"), which the kernel does not
// tell. mdadm told it to udev when the array was started.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>

namespace rig {

// What udev knows of a block device, by its kernel name.
using UdevProperties = std::map<std::string, std::string>;
using AskUdev = std::function<UdevProperties(const std::string& array)>;

// One thread at a time.
class ArrayNames {
 public:
  explicit ArrayNames(AskUdev ask) : ask_(std::move(ask)) {}

  // Empty when it is not known. udev is asked once for each array that it knows, by its UUID: an
  // array that was made anew has another. One without (imsm, DDF, inactive) is asked for each time.
  std::string of(const std::string& array, const std::string& uuid);

 private:
  AskUdev ask_;
  std::map<std::pair<std::string, std::string>, std::string> known_;
};

}  // namespace rig
