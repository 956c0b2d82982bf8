#include "rig/config/config_change.h"

#include <algorithm>
#include <array>
#include <vector>

#include "rig/config/command_line.h"
#include "support/catch.h"

using namespace rig;

namespace {

constexpr std::array<CollectorSwitch, 2> kSwitches{{{"cpu", "the CPU"}, {"disk", "disks"}}};

using Flags = std::vector<const char*>;

ConfigChange change_between(Flags before, Flags after) {
  before.insert(before.begin(), "rig_exporter");
  after.insert(after.begin(), "rig_exporter");
  return compare(parse_command_line(before, kSwitches).config,
                 parse_command_line(after, kSwitches).config, kSwitches);
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("Equal configurations have no change, however they are written") {
  CHECK(change_between({}, {"--log.level=info", "--collector.cpu"}).settings.empty());
  CHECK(change_between({"--collector.disable-defaults", "--collector.cpu", "--collector.disk"},
                       {"--collector.disable-defaults=true", "--collector.disk", "--collector.cpu"})
            .settings.empty());
}

TEST_CASE("A setting that cannot change at run time needs a restart") {
  const auto change = change_between({}, {"--web.listen-address=:1", "--path.rootfs=/tmp",
                                          "--web.telemetry-path=/m", "--log.level=debug"});
  CHECK(change.settings ==
        Names{"web.listen-address", "web.telemetry-path", "path.rootfs", "log.level"});
  CHECK(change.need_restart == Names{"web.listen-address", "web.telemetry-path", "path.rootfs"});
  CHECK(change.collectors.empty());
}

TEST_CASE("Removing a flag is a change, too") {
  CHECK(change_between({"--web.enable-lifecycle"}, {}).need_restart ==
        Names{"web.enable-lifecycle"});
  CHECK(change_between({"--web.no-page"}, {}).need_restart == Names{"web.page"});
}

TEST_CASE("What a collector selects is changed by creating that collector again") {
  const auto change = change_between(
      {"--raid.ignore=md1"}, {"--raid.ignore=md2", "--gpu.processes=3", "--gpu.peak-window=2m",
                              "--collector.filesystem.max=7", "--collector.cpu.per-core=false"});
  CHECK(change.need_restart.empty());
  CHECK(change.collectors ==
        std::set<std::string, std::less<>>{"cpu", "filesystem", "gpu", "raid"});
}

TEST_CASE("Enabling and disabling collectors, timeouts and the log need no restart") {
  const auto change = change_between({}, {"--no-collector.disk", "--scrape.timeout=9s",
                                          "--web.max-requests=7", "--log.format=json"});
  CHECK(change.settings.size() == 4);
  CHECK(change.need_restart.empty());
  CHECK(change.collectors.empty());
}
