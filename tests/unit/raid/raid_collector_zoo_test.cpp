// The host raid-zoo has arrays in every state.
#include <map>
#include <string>

#include "raid/raid_host.h"
#include "raid/rig_fixture.h"
#include "support/catch.h"

TEST_CASE("raid-zoo: usable arrays") {
  const auto got = RaidHost(kRigs / "raid-zoo").collect();
  CHECK(got.problems.empty());
  CHECK(got["rig_raid_arrays"] == 37.0);
  const std::map<std::string, double> not_usable = {
      {"md_broken", 0},    {"md_pulled", 0},   {"md_dead5", 0},  {"md_dead_pair", 0},
      {"md_no_writes", 0}, {"md_inactive", 0}, {"md_journal", 0}};
  std::size_t arrays = 0;
  for (const auto& [series, value] : got.samples) {
    const std::string prefix = "rig_raid_array_usable{array=";
    if (!series.starts_with(prefix)) continue;
    ++arrays;
    const auto array = series.substr(prefix.size(), series.size() - prefix.size() - 1);
    INFO(array);
    CHECK(value == (not_usable.count(array) > 0 ? 0.0 : 1.0));
  }
  CHECK(arrays == 37);
}

TEST_CASE("raid-zoo: mismatches by the action that counted them") {
  const auto got = RaidHost(kRigs / "raid-zoo").collect();
  CHECK(got["rig_raid_mismatch_sectors{after=check,array=md_check}"] == 128.0);
  CHECK(got["rig_raid_mismatch_sectors{after=repair,array=md_repair}"] == 256.0);
  CHECK(got["rig_raid_mismatch_sectors{after=other,array=md_recover}"] == 0.0);
  CHECK(got["rig_raid_mismatch_sectors{after=check,array=md_raid1}"] == 0.0);
  CHECK(got.count("rig_raid_mismatch_sectors{after=none") == 0);
}

TEST_CASE("raid-zoo: states and sync actions") {
  const auto got = RaidHost(kRigs / "raid-zoo").collect();
  for (const auto& [array, state] :
       std::map<std::string, std::string>{{"md_raid0", "clean"},
                                          {"md_raid1", "active"},
                                          {"md_raid4", "active_idle"},
                                          {"md_raid6", "write_pending"},
                                          {"md_pending", "read_auto"},
                                          {"md_readonly", "readonly"},
                                          {"md_suspended", "suspended"},
                                          {"md_inactive", "inactive"},
                                          {"md127", "inactive"},
                                          {"md_broken", "broken"}}) {
    CHECK(got.state("rig_raid_array_state", array) == state);
  }
  for (const auto& [array, action] : std::map<std::string, std::string>{{"md_raid1", "idle"},
                                                                        {"md_resync", "resync"},
                                                                        {"md_recover", "recover"},
                                                                        {"md_check", "check"},
                                                                        {"md_repair", "repair"},
                                                                        {"md_reshape", "reshape"},
                                                                        {"md_grow", "reshape"},
                                                                        {"md_delayed", "check"},
                                                                        {"md_pending", "idle"},
                                                                        {"md_frozen", "frozen"}}) {
    CHECK(got.state("rig_raid_sync_action", array) == action);
  }
  for (const auto* level : {"md_raid0", "md_linear", "md_inactive", "md127"})
    CHECK(got.state("rig_raid_sync_action", level).empty());
  CHECK(got.state("rig_raid_sync_waiting", "md_delayed") == "delayed");
  CHECK(got.state("rig_raid_sync_waiting", "md_pending") == "pending");
  CHECK(got.state("rig_raid_sync_waiting", "md_remote") == "remote");
  CHECK(got.state("rig_raid_sync_waiting", "md_resync") == "?");  // all are 0
}

TEST_CASE("raid-zoo: progress is read from mdstat, and a sync at speed 0 has no remaining time") {
  const auto got = RaidHost(kRigs / "raid-zoo").collect();
  CHECK(got["rig_raid_sync_progress_ratio{array=md_check}"] == 576.0 / 31744.0);
  CHECK(got["rig_raid_sync_speed_bytes_per_second{array=md_check}"] == 1344.0 * 1024);
  CHECK(got["rig_raid_sync_remaining_seconds{array=md_recover}"] == 0.4 * 60);
  CHECK(got["rig_raid_sync_speed_bytes_per_second{array=md_stalled}"] == 0.0);
  CHECK_FALSE(got["rig_raid_sync_remaining_seconds{array=md_stalled}"]);
  CHECK_FALSE(got["rig_raid_sync_progress_ratio{array=md_raid1}"]);
  CHECK_FALSE(got["rig_raid_sync_progress_ratio{array=md_delayed}"]);
  CHECK_FALSE(got["rig_raid_sync_speed_bytes_per_second{array=md_delayed}"]);
}

TEST_CASE("raid-zoo: disks by role") {
  const auto got = RaidHost(kRigs / "raid-zoo").collect();
  const auto disks = [&](const std::string& array) {
    std::string text;
    for (const auto* state : {"active", "rebuilding", "spare", "faulty", "missing", "journal"}) {
      const auto count = got["rig_raid_disks{array=" + array + ",state=" + state + "}"];
      text += (text.empty() ? "" : " ") + (count ? std::to_string(static_cast<int>(*count)) : "-");
    }
    return text;
  };
  CHECK(disks("md_raid4") == "3 0 0 0 0 1");
  CHECK(disks("md_raid5") == "3 0 1 0 0 0");
  CHECK(disks("md_recover") == "2 1 0 1 0 0");
  CHECK(disks("md_replace") == "3 1 0 0 0 0");
  CHECK(disks("md_grow") == "3 1 0 0 1 0");
  CHECK(disks("md_degraded") == "1 0 0 0 1 0");
  CHECK(disks("md_frozen") == "1 0 1 0 1 0");
  CHECK(disks("md_dead_pair") == "2 0 0 0 2 0");
  CHECK(disks("md_errors") == "2 0 0 1 1 0");
  CHECK(disks("md_journal") == "3 0 0 1 0 0");
  CHECK(disks("md_inactive") == "- - - - - -");
  CHECK(disks("md127") == "- - - - - -");
}

TEST_CASE("raid-zoo: a container is described but not counted, and an empty device is absent") {
  const auto got = RaidHost(kRigs / "raid-zoo").collect();
  CHECK(got["rig_raid_array_info{array=md127,consistency_policy=unknown,layout=,level=container,"
            "metadata=external:imsm,name=,uuid=}"] == 1.0);
  CHECK_FALSE(got["rig_raid_array_usable{array=md127}"]);
  CHECK(got["rig_raid_array_usable{array=md126}"] == 1.0);
  CHECK(got.count("rig_raid_array_state{array=md_clear") == 0);
  CHECK(got["rig_raid_member_present{array=md_names,member=cciss/c0d0p1}"] == 1.0);
}

TEST_CASE("raid-zoo from mdstat alone: the same values where mdstat has them") {
  const RigFixture rig("raid-zoo");
  const auto both = RaidHost(rig.path()).collect();
  std::filesystem::remove_all(rig.path() / "sys");
  const auto alone = RaidHost(rig.path()).collect();
  CHECK(alone.problems.empty());
  for (const auto* same :
       {"rig_raid_array_size_bytes", "rig_raid_disks_required", "rig_raid_degraded_disks",
        "rig_raid_sync_waiting", "rig_raid_sync_progress_ratio", "rig_raid_arrays"}) {
    CHECK(alone.count(same) > 0);
  }
  // Only in sysfs: vanished devices, repairs, states finer than active.
  for (const auto& [series, value] : alone.samples) {
    INFO(series);
    if (series.find("md_dead_pair") != series.npos || series.starts_with("rig_raid_array_info") ||
        series.starts_with("rig_raid_member_info") ||  // mdstat has no slots
        series.starts_with("rig_raid_array_state") ||
        (series.starts_with("rig_raid_sync_action") && series.find("md_repair") != series.npos))
      continue;
    CHECK(both[series] == value);
  }
  CHECK(alone["rig_raid_array_info{array=md_far,consistency_policy=,layout=far=2,level=raid10,"
              "metadata=1.2,name=,uuid=}"] == 1.0);
  CHECK_FALSE(alone["rig_raid_array_usable{array=md_pair}"]);
  CHECK_FALSE(alone["rig_raid_array_usable{array=md_grow}"]);
  CHECK(alone["rig_raid_array_usable{array=md_dead5}"] == 0.0);
  CHECK(alone["rig_raid_array_usable{array=md_inactive}"] == 0.0);
  CHECK_FALSE(alone["rig_raid_array_usable{array=md_pulled}"]);
  CHECK(alone.state("rig_raid_array_state", "md_readonly") == "readonly");
}

TEST_CASE("raid-zoo from sysfs alone: everything but bitmaps and remote syncs") {
  const RigFixture rig("raid-zoo");
  const auto both = RaidHost(rig.path()).collect();
  std::filesystem::remove(rig.path() / "proc/mdstat");
  const auto alone = RaidHost(rig.path()).collect();
  CHECK(alone.problems.empty());
  for (const auto& [series, value] : both.samples) {
    INFO(series);
    if (series.ends_with("reason=remote}") || series.starts_with("rig_raid_bitmap")) {
      CHECK_FALSE(alone[series]);
    } else if (series.starts_with("rig_raid_sync_progress") ||
               series.starts_with("rig_raid_sync_remaining")) {
      CHECK(alone[series]);  // less precise
    } else {
      CHECK(alone[series] == value);
    }
  }
  CHECK(alone["rig_raid_sync_progress_ratio{array=md_repair}"] == 0.5);
}
