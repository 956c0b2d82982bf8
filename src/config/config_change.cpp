#include "rig/config/config_change.h"

#include "config/settings.h"

namespace rig {

ConfigChange compare(const Config& before, const Config& after,
                     std::span<const CollectorSwitch> collectors) {
  ConfigChange change;
  for (const auto& setting : all_settings(collectors)) {
    if (setting.values(before) == setting.values(after)) continue;
    change.settings.push_back(setting.name);
    if (!setting.reload.possible) change.need_restart.push_back(setting.name);
    if (!setting.reload.collector.empty()) change.collectors.emplace(setting.reload.collector);
  }
  return change;
}

}  // namespace rig
