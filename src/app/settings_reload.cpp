#include "app/settings_reload.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>
#include <utility>

#include "rig/config/command_line.h"
#include "rig/config/config_change.h"
#include "rig/config/config_error.h"
#include "rig/log/log.h"

namespace rig {
namespace {

void refuse_restart(const ConfigChange& change) {
  std::vector<std::string> errors;
  for (const auto& name : change.need_restart)
    errors.push_back(fmt::format("{} cannot change at run time: restart the exporter", name));
  if (!errors.empty()) throw ConfigErrors(std::move(errors));
}

}  // namespace

std::vector<CollectorSwitch> collector_switches(std::span<const CollectorInfo> collectors) {
  std::vector<CollectorSwitch> switches;
  for (const auto& info : collectors) switches.push_back({info.name, info.help});
  return switches;
}

PrepareReload settings_reload(std::span<const char* const> arguments,
                              std::span<const CollectorInfo> collectors, const Config& config,
                              ScrapeScheduler& scheduler,
                              std::function<CommitReload(const Config&)> prepare_others) {
  // Prepared in one thread and committed in another one, but never at the same time.
  const auto current =
      std::make_shared<std::shared_ptr<const Config>>(std::make_shared<const Config>(config));
  return [=, &scheduler, prepare_others = std::move(prepare_others)]() -> CommitReload {
    const auto switches = collector_switches(collectors);
    auto parsed = parse_command_line(arguments, switches).config;
    parsed.privacy.serves_strangers = (*current)->privacy.serves_strangers;  // not a setting
    const auto next = std::make_shared<const Config>(std::move(parsed));
    const auto change = compare(**current, *next, switches);
    refuse_restart(change);
    if (change.settings.empty()) return [] {};
    return [current, next, changed = change.settings, commit_others = prepare_others(*next),
            commit = scheduler.prepare_reload(collectors, *next, change.collectors)] {
      commit();
      commit_others();
      *current = next;
      set_up_log(next->log.level, next->log.format);
      log_info(fmt::format("settings changed: {}", fmt::join(changed, ", ")));
    };
  };
}

}  // namespace rig
