// What has changed between two configurations, for a reload.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "rig/config/config.h"

namespace rig {

struct ConfigChange {
  std::vector<std::string> settings;              // names of all settings whose values differ
  std::vector<std::string> need_restart;          // those among them that cannot change at run time
  std::set<std::string, std::less<>> collectors;  // those that have to be created again
};

ConfigChange compare(const Config& before, const Config& after,
                     std::span<const CollectorSwitch> collectors);

}  // namespace rig
