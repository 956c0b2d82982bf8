#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "doctor/checks.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"
#include "rig/raid/raid_families.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

// "1 disk is", "2 disks are"
std::string disks(double count) {
  return fmt::format(fmt::runtime(count == 1 ? "{} disk is" : "{} disks are"), count);
}

std::string removed_members(const CheckInput& input, std::string_view array) {
  std::vector<std::string_view> removed;
  for (const auto& member : input.scrape.find(kRaidMemberPresent)) {
    if (member.label("array") == array && member.value == 0)
      removed.push_back(member.label("member"));
  }
  return removed.empty() ? "" : fmt::format(" (removed: {})", fmt::join(removed, ", "));
}

std::string advice_on_broken(std::string_view array, std::string_view level, bool inactive) {
  const auto see = fmt::format(R"(see "mdadm --detail /dev/{}" and "dmesg")", array);
  if (inactive) return see + fmt::format("; \"mdadm --run /dev/{}\" starts it if possible", array);
  if (level == "raid0" || level == "linear")
    return see + fmt::format(
                     "; a {} array does not survive the loss of a disk: check the disk's cable and "
                     "power, stop and reassemble the array, or else restore a backup",
                     level);
  return see + "; when its disks are back, stop and reassemble it, or else restore a backup";
}

// md fails every write to an array whose journal is lost, but does not report this. A new journal
// can be added while the array is read-only.
std::optional<Finding> check_journal(const CheckInput& input, const SampleView& info) {
  const auto array = info.label("array");
  const bool lost = info.label("consistency_policy") == "journal" &&
                    input.scrape.value(kRaidDisks, {{"array", array}, {"state", "journal"}}) == 0;
  if (!lost) return std::nullopt;
  return Finding{Level::problem, kRaidSubject,
                 fmt::format("{} ({}) fails every write: its journal failed or was removed", array,
                             info.label("level")),
                 fmt::format("unmount it; \"mdadm --readonly /dev/{0}\" and then "
                             "\"mdadm /dev/{0} --add-journal DISK\" add a new one",
                             array)};
}

Finding check_array(const CheckInput& input, const SampleView& info) {
  if (const auto finding = check_journal(input, info)) return *finding;
  const auto array = info.label("array");
  const std::string name = info.label("level").empty()
                               ? std::string(array)
                               : fmt::format("{} ({})", array, info.label("level"));
  const auto disks_in = [&](std::string_view state) {
    return input.scrape.value(kRaidDisks, {{"array", array}, {"state", state}});
  };
  const bool inactive =
      input.scrape.value(kRaidArrayState, {{"array", array}, {"state", "inactive"}}) == 1;
  const double missing = disks_in("missing").value_or(0);
  const auto usable = input.scrape.value(kRaidArrayUsable, {{"array", array}});
  if (usable == 0) {
    std::string what = name + " does not serve reads and writes";
    if (inactive) what += ": it is not started";
    if (missing > 0)
      what += fmt::format(": {} missing{}", disks(missing), removed_members(input, array));
    return {Level::problem, kRaidSubject, what,
            advice_on_broken(array, info.label("level"), inactive)};
  }
  if (missing > 0)
    return {Level::problem, kRaidSubject,
            fmt::format("{} is usable, but {} missing{}", name, disks(missing),
                        removed_members(input, array)),
            fmt::format("see \"mdadm --detail /dev/{0}\"; \"mdadm /dev/{0} --add DISK\" adds "
                        "another disk",
                        array)};
  if (!usable)
    return {Level::note, kRaidSubject, name + ": cannot determine whether it is usable",
            fmt::format("see \"mdadm --detail /dev/{}\"", array)};
  if (const double rebuilding = disks_in("rebuilding").value_or(0); rebuilding > 0)
    return {Level::note, kRaidSubject,
            fmt::format("{} is usable, and {} being rebuilt", name, disks(rebuilding)), ""};
  const bool complete = disks_in("missing") == 0;
  return {Level::ok, kRaidSubject, name + (complete ? " is usable and complete" : " is usable"),
          ""};
}

std::vector<std::string> md_devices(const fs::path& sys) {
  auto names = list_names(sys / "block").get().value_or(std::vector<std::string>{});
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("md"); });
  return names;
}

Findings absent_arrays(const CheckInput& input) {
  Findings findings;
  for (const auto& present : input.scrape.find(kRaidArrayPresent)) {
    if (present.value != 0) continue;
    findings.push_back(
        {Level::problem, kRaidSubject,
         fmt::format("{} is listed in mdadm.conf or --raid.expect, but does not exist",
                     present.label("array")),
         "\"mdadm --assemble --scan\" starts it if its disks are present; if it was removed "
         "permanently, "
         "remove it from mdadm.conf or name it with --raid.ignore"});
  }
  return findings;
}

// Only worth a note on a machine with arrays.
Findings unmonitored_events(const CheckInput& input) {
  if (input.scrape.value(kRaidEventsMonitored, {{"event", "member_removal"}}) != 0) return {};
  if (input.scrape.find(kRaidArrayInfo).empty()) return {};
  return {{Level::note, kRaidSubject,
           "removals of members between two scrapes are not counted: the kernel does not report "
           "them to this network or user namespace",
           "in a container, use the host's network; the state at each scrape is not affected"}};
}

}  // namespace

Findings check_arrays(const CheckInput& input) {
  const RootPaths& paths = input.config.paths;
  const fs::path mdstat = paths.proc / "mdstat";
  const bool has_mdstat = fs::exists(mdstat);
  const auto devices = md_devices(paths.sys);
  Findings findings;
  if (!has_mdstat && !devices.empty())
    findings.push_back({Level::problem, kRaidSubject,
                        fmt::format("{} does not exist, although {} is in {}", mdstat.string(),
                                    devices.front(), (paths.sys / "block").string()),
                        "systemd's ProcSubset=pid hides it, or --path.procfs is wrong"});
  for (const auto& info : input.scrape.find(kRaidArrayInfo)) {
    if (info.label("level") != "container") findings.push_back(check_array(input, info));
  }
  for (auto& finding : absent_arrays(input)) findings.push_back(std::move(finding));
  for (auto& finding : unmonitored_events(input)) findings.push_back(std::move(finding));
  if (findings.empty() && input.scrape.value(kRaidArrays) == 0)
    findings.push_back(
        {Level::ok, kRaidSubject,
         fmt::format(
             "no md array found in {}{} and {}", mdstat.string(),
             has_mdstat ? "" : " (which does not exist: md is not loaded, or the file is hidden)",
             (paths.sys / "block").string()),
         ""});
  return findings;
}

}  // namespace rig
