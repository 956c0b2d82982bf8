#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "checks.h"
#include "rig/kernel_file.h"
#include "rig/kernel_text.h"

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
  auto names = list_folder(sys / "block");
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("md"); });
  return names;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

struct NamedArray {
  std::string device;  // "/dev/md/home"; may be empty
  std::string uuid;    // in small letters; may be empty
};

// The ARRAY lines of mdadm.conf(5). A line that begins with a blank goes on with the one before.
std::vector<NamedArray> parse_mdadm_conf(std::string_view text) {
  std::vector<NamedArray> arrays;
  bool in_array = false;
  for (const auto line : lines(text)) {
    auto parts = words(split_at(line, '#').before);
    if (parts.empty()) continue;
    if (line.front() != ' ' && line.front() != '\t') {
      in_array = lower(parts.front()) == "array";
      if (in_array) arrays.emplace_back();
      parts.erase(parts.begin());
    }
    if (!in_array) continue;
    for (const auto part : parts) {
      const auto [key, value] = split_at(part, '=');
      if (lower(key) == "uuid") arrays.back().uuid = lower(value);
      if (part.find('=') == part.npos) arrays.back().device = part;
    }
  }
  std::erase_if(arrays, [](const NamedArray& array) { return array.device == "<ignore>"; });
  return arrays;
}

// "md127" of "/dev/md/home", which is a link to it on the machine itself.
std::string kernel_name(const fs::path& root, const std::string& device) {
  const fs::path path = device;
  const auto target = link_target_name(root / path.relative_path());
  return target.value_or(path.filename().string());
}

// Absent when it cannot be told: the kernel knows no UUIDs of arrays whose metadata mdadm keeps.
std::optional<bool> is_there(const Seen& seen, const NamedArray& named) {
  const std::string name = kernel_name(seen.config.host.root, named.device);
  bool by_uuid = !named.uuid.empty();
  const auto arrays = seen.all("rig_raid_array_info");
  for (const auto* info : arrays) {
    const std::string uuid = lower(info->label("uuid"));
    const bool both_known = !named.uuid.empty() && !uuid.empty();
    if (both_known ? uuid == named.uuid : info->label("array") == name) return true;
    by_uuid = by_uuid && !uuid.empty();
  }
  if (by_uuid || arrays.empty() || (named.uuid.empty() && name.starts_with("md"))) return false;
  return std::nullopt;
}

}  // namespace

Findings check_arrays(const Seen& seen) {
  const Host& host = seen.config.host;
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
  if (findings.empty() && seen.value("rig_raid_arrays", {}) == 0)
    findings.push_back(
        {Level::ok, kSubject,
         fmt::format("no md array, looked for in {}{} and {}", mdstat.string(),
                     fs::exists(mdstat) ? "" : " (which is not there: no md, or it is hidden)",
                     (host.sys / "block").string()),
         ""});
  return findings;
}

Findings check_mdadm_conf(const Seen& seen) {
  if (!seen.value("rig_raid_arrays", {})) return {};  // which there are is not known
  Findings findings;
  for (const auto* place : {"etc/mdadm/mdadm.conf", "etc/mdadm.conf"}) {
    const fs::path file = seen.config.host.root / place;
    for (const auto& named : parse_mdadm_conf(try_read_file(file).text.value_or(""))) {
      const auto there = is_there(seen, named);
      if (there == true) continue;
      findings.push_back(
          {Level::note, kSubject,
           fmt::format("{} names {}{}{}, {}", file.string(), named.device,
                       named.uuid.empty() ? "" : " UUID=", named.uuid,
                       there ? "which is not there"
                             : "and whether it is one of those that are there cannot be told"),
           there ? "\"mdadm --assemble --scan\" starts it, if its disks are there" : ""});
    }
  }
  return findings;
}

}  // namespace rig
