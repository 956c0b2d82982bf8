#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <optional>

#include "doctor/checks.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSubject = "RAID";

// "1 disk is", "2 disks are"
std::string disks(double count) {
  return fmt::format(fmt::runtime(count == 1 ? "{} disk is" : "{} disks are"), count);
}

std::string gone_members(const Seen& seen, std::string_view array) {
  std::vector<std::string_view> gone;
  for (const auto* member : seen.all("rig_raid_member_present")) {
    if (member->label("array") == array && member->value == 0)
      gone.push_back(member->label("member"));
  }
  return gone.empty() ? "" : fmt::format(" (gone: {})", fmt::join(gone, ", "));
}

std::string advice_on_broken(std::string_view array, std::string_view level, bool inactive) {
  const auto look = fmt::format(R"("mdadm --detail /dev/{}" and "dmesg" tell more)", array);
  if (inactive) return look + fmt::format("; \"mdadm --run /dev/{}\" starts it, if it can", array);
  if (level == "raid0" || level == "linear")
    return look +
           fmt::format(
               "; a {} bears no loss: look at the disk's cable and power, stop the array and "
               "assemble it again, or else restore a backup",
               level);
  return look +
         "; once its disks are back, stop it and assemble it again, or else restore a backup";
}

// md then fails every write, and says so nowhere. It takes a new journal while read-only.
std::optional<Finding> judge_journal(const Seen& seen, const ExposedSample& info) {
  const auto array = info.label("array");
  const bool lost = info.label("consistency_policy") == "journal" &&
                    seen.value("rig_raid_disks", {{"array", array}, {"state", "journal"}}) == 0;
  if (!lost) return std::nullopt;
  return Finding{Level::wrong, kSubject,
                 fmt::format("{} ({}) fails every write: its journal has failed or gone", array,
                             info.label("level")),
                 fmt::format("unmount it; \"mdadm --readonly /dev/{0}\" and then "
                             "\"mdadm /dev/{0} --add-journal DISK\" give it another",
                             array)};
}

Finding judge(const Seen& seen, const ExposedSample& info) {
  if (const auto finding = judge_journal(seen, info)) return *finding;
  const auto array = info.label("array");
  const std::string name = info.label("level").empty()
                               ? std::string(array)
                               : fmt::format("{} ({})", array, info.label("level"));
  const auto of_array = [&](std::string_view metric, std::string_view state) {
    return seen.value(metric, {{"array", array}, {"state", state}}).value_or(0);
  };
  const bool inactive = of_array("rig_raid_array_state", "inactive") == 1;
  const double missing = of_array("rig_raid_disks", "missing");
  const auto usable = seen.value("rig_raid_array_usable", {{"array", array}});
  if (usable == 0) {
    std::string what = name + " does not serve reads and writes";
    if (inactive) what += ": it is not started";
    if (missing > 0)
      what += fmt::format(": {} missing{}", disks(missing), gone_members(seen, array));
    return {Level::wrong, kSubject, what, advice_on_broken(array, info.label("level"), inactive)};
  }
  if (missing > 0)
    return {
        Level::wrong, kSubject,
        fmt::format("{} works, and {} missing{}", name, disks(missing), gone_members(seen, array)),
        fmt::format("\"mdadm --detail /dev/{0}\" tells more; \"mdadm /dev/{0} --add DISK\" gives "
                    "it another",
                    array)};
  if (!usable)
    return {Level::note, kSubject, name + ": whether it is usable cannot be told",
            fmt::format("\"mdadm --detail /dev/{}\" may know", array)};
  if (const double rebuilding = of_array("rig_raid_disks", "rebuilding"); rebuilding > 0)
    return {Level::note, kSubject,
            fmt::format("{} works, and {} being rebuilt", name, disks(rebuilding)), ""};
  const bool whole = seen.value("rig_raid_disks", {{"array", array}, {"state", "missing"}}) == 0;
  return {Level::ok, kSubject, name + (whole ? " is usable and whole" : " is usable"), ""};
}

std::vector<std::string> md_blocks(const fs::path& sys) {
  auto names = list_directory(sys / "block");
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("md"); });
  return names;
}

Findings absent_arrays(const Seen& seen) {
  Findings findings;
  for (const auto* present : seen.all("rig_raid_array_present")) {
    if (present->value != 0) continue;
    findings.push_back(
        {Level::wrong, kSubject,
         fmt::format("{} is named by mdadm.conf or --raid.expect, and is not there",
                     present->label("array")),
         "\"mdadm --assemble --scan\" starts it, if its disks are there; take it out "
         "of mdadm.conf or name it with --raid.ignore if it has gone for good"});
  }
  return findings;
}

}  // namespace

Findings check_arrays(const Seen& seen) {
  const RootPaths& host = seen.config.host;
  const fs::path mdstat = host.proc / "mdstat";
  const auto blocks = md_blocks(host.sys);
  Findings findings;
  if (!fs::exists(mdstat) && !blocks.empty())
    findings.push_back({Level::wrong, kSubject,
                        fmt::format("{} is not there, although {} is in {}", mdstat.string(),
                                    blocks.front(), (host.sys / "block").string()),
                        "systemd's ProcSubset=pid hides it; or --path.procfs is wrong"});
  for (const auto* info : seen.all("rig_raid_array_info")) {
    if (info->label("level") != "container") findings.push_back(judge(seen, *info));
  }
  for (auto& finding : absent_arrays(seen)) findings.push_back(std::move(finding));
  if (findings.empty() && seen.value("rig_raid_arrays", {}) == 0)
    findings.push_back(
        {Level::ok, kSubject,
         fmt::format("no md array, looked for in {}{} and {}", mdstat.string(),
                     fs::exists(mdstat) ? "" : " (which is not there: no md, or it is hidden)",
                     (host.sys / "block").string()),
         ""});
  return findings;
}

}  // namespace rig
