#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "array_names.h"
#include "member_disks.h"
#include "raid_event_metrics.h"
#include "raid_expectation.h"
#include "raid_member_metrics.h"
#include "raid_metrics.h"
#include "rig/collectors.h"
#include "rig/config.h"
#include "rig/crew.h"
#include "rig/kernel_file.h"
#include "rig/lane.h"
#include "rig/md_sysfs.h"
#include "rig/mdadm_conf.h"
#include "rig/mdstat.h"
#include "rig/raid_array.h"
#include "rig/raid_array_label.h"
#include "rig/udev_properties.h"

namespace rig {
namespace {

constexpr std::chrono::milliseconds kUdevTime{20};

// The names of the block devices that may be arrays; absent when there is no /sys/block.
using Listing = std::optional<std::vector<std::string>>;

Listing list_arrays(const std::filesystem::path& blocks) {
  if (!std::filesystem::exists(blocks)) return std::nullopt;
  auto names = list_folder(blocks);
  std::erase_if(names, [](const std::string& name) { return !name.starts_with("md"); });
  return names;
}

std::optional<Mdstat> read_mdstat(const std::filesystem::path& path) {
  const auto text = read_file(path);
  return text ? std::optional(parse_mdstat(*text)) : std::nullopt;
}

std::optional<MdSysfs> read_array(const std::filesystem::path& block) {
  const auto text = read_md_sysfs(block);
  return text ? std::optional(parse_md_sysfs(*text)) : std::nullopt;
}

// What a read brought. Unknown: it is late or failed, so that what it reads may be there or not.
template <typename T>
struct Answer {
  std::shared_ptr<const std::optional<T>> value;
  bool unknown() const { return !value; }
  const T* get() const { return value && *value ? &**value : nullptr; }
};

template <typename T>
Answer<T> answer(typename Lane<std::optional<T>>::Outcome outcome,
                 const std::filesystem::path& path, Samples& samples) {
  if (outcome.late) samples.problem(path.string() + ": the read does not come back");
  if (!outcome.error.empty()) samples.problem(outcome.error);
  return {std::move(outcome.value)};
}

const MdstatArray* find(const Mdstat* mdstat, const std::string& name) {
  if (!mdstat) return nullptr;
  const auto found = std::ranges::find(mdstat->arrays, name, &MdstatArray::name);
  return found == mdstat->arrays.end() ? nullptr : &*found;
}

// What the host's files say of arrays: mdadm.conf, and udev's links to them by kernel name.
struct HostNames {
  MdadmConf conf;
  std::map<std::string, std::string> aliases;  // md127 -> md/data

  std::string alias_of(const std::string& kernel_name) const {
    const auto alias = aliases.find(kernel_name);
    return alias == aliases.end() ? "" : alias->second;
  }
};

HostNames read_host_names(const std::filesystem::path& root) {
  HostNames names{read_mdadm_conf(root), {}};
  try {
    for (const auto& name : list_folder(root / "dev/md")) {
      const auto kernel_name = link_target_name(root / "dev/md" / name);
      if (kernel_name) names.aliases[*kernel_name] = raid_array_label(name);
    }
  } catch (const ReadError& refused) {
    names.conf.problems.emplace_back(refused.what());
  }
  return names;
}

// udev knows this machine only, not one that is played back.
AskUdev ask_udev(const Host& host) {
  if (!host.sys_is_live()) return nullptr;
  return [blocks = host.sys / "block"](const std::string& array) {
    std::error_code error;
    return udev_properties(std::filesystem::canonical(blocks / array, error));
  };
}

class RaidCollector : public Collector {
 public:
  RaidCollector(const Host& host, const Config::Raid& config)
      : mdstat_path_(host.proc / "mdstat"),
        blocks_path_(host.sys / "block"),
        root_(host.root),
        ignored_(config.ignored),
        expectation_(config.expected),
        disks_(host),
        names_(ask_udev(host)),
        events_(host) {}

  void collect(Samples& samples, Deadline deadline) override {
    const auto mdstat_ticket =
        mdstat_lane_.start([path = mdstat_path_] { return read_mdstat(path); });
    const auto names_ticket = names_lane_.start([root = root_] { return read_host_names(root); });
    const auto sysfs = read_sysfs(samples, deadline);
    const auto mdstat =
        answer<Mdstat>(mdstat_lane_.finish(mdstat_ticket, deadline), mdstat_path_, samples);
    if (mdstat.get()) note_problems(samples, *mdstat.get());
    const auto names = names_lane_.finish(names_ticket, deadline);
    if (names.late) samples.problem((root_ / "etc/mdadm").string() + ": does not come back");
    if (!names.error.empty()) samples.problem(names.error);
    add_arrays(samples, mdstat, sysfs, names.value ? *names.value : HostNames(), deadline);
  }

 private:
  struct Sysfs {
    bool listed = false;   // /sys/block is there and was read
    bool unknown = false;  // it could not be read
    std::map<std::string, Answer<MdSysfs>> arrays;
    std::map<ArrayAndMember, MemberDisk> disks;
  };

  Sysfs read_sysfs(Samples& samples, Deadline deadline) {
    Sysfs sysfs;
    const auto ticket = list_lane_.start([path = blocks_path_] { return list_arrays(path); });
    const auto listing = answer<std::vector<std::string>>(list_lane_.finish(ticket, deadline),
                                                          blocks_path_, samples);
    sysfs.unknown = listing.unknown();
    if (sysfs.unknown) return sysfs;
    sysfs.listed = listing.get() != nullptr;

    const auto names = listing.value->value_or(std::vector<std::string>());
    // What hangs for the first time takes half of the time only from what comes after it.
    const auto now = std::chrono::steady_clock::now();
    const Deadline halfway = now + (deadline - now) / 2;
    std::map<std::string, std::function<std::optional<MdSysfs>()>> reads;
    for (const std::string& name : names)
      reads[name] = [block = blocks_path_ / name] { return read_array(block); };
    for (auto& [name, outcome] : array_crew_.run(std::move(reads), halfway))
      sysfs.arrays[name] = answer<MdSysfs>(std::move(outcome), blocks_path_ / name / "md", samples);
    sysfs.disks = disks_.read(names, samples, deadline);
    return sysfs;
  }

  void note_problems(Samples& samples, const Mdstat& mdstat) const {
    for (const auto& problem : mdstat.problems) {
      const std::string array = problem.array.empty() ? "" : problem.array + ": ";
      samples.problem(mdstat_path_.string() + ": " + array + problem.what);
    }
  }

  void add_arrays(Samples& samples, const Answer<Mdstat>& mdstat, const Sysfs& sysfs,
                  const HostNames& host_names, Deadline deadline) {
    if (!mdstat.get() && !mdstat.unknown() && !sysfs.listed && !sysfs.unknown) {
      samples.problem("neither " + mdstat_path_.string() + " nor " + blocks_path_.string() +
                      " is there");
      return;
    }
    const bool complete = lists_all(mdstat, sysfs);
    std::vector<RaidExpectation::Array> present;
    std::vector<RaidArray> arrays;
    for (const std::string& name : names_of(mdstat, sysfs)) {
      const std::string alias = host_names.alias_of(name);
      const bool ignored = is_ignored(name) || is_ignored(alias);
      Samples unheard;
      auto array = merge(ignored ? unheard : samples, name, mdstat, sysfs);
      if (!array) continue;
      // Also an ignored one is there: mdadm.conf may know it by another name.
      present.push_back({name, array->uuid, alias});
      if (!ignored) arrays.push_back(std::move(*array));
    }
    // Also when something else has used up the time: udev is seldom asked, and answers at once.
    names_.give(arrays, samples, std::max(deadline, std::chrono::steady_clock::now() + kUdevTime));
    for (const RaidArray& array : arrays) {
      add_array(samples, array);
      add_members(samples, array, sysfs.disks);
      add_array_present(samples, array.name, true);
    }
    add_array_count(samples, complete ? count_of(arrays) : std::nullopt);
    events_.add(samples, arrays, complete);
    add_absent_arrays(samples, present, host_names.conf, complete);
  }

  // Of those that hold data; absent when one may be a container or not.
  static std::optional<double> count_of(const std::vector<RaidArray>& arrays) {
    double count = 0;
    for (const RaidArray& array : arrays) {
      if (!array.container) return std::nullopt;
      if (!*array.container) ++count;
    }
    return count;
  }

  static std::set<std::string> names_of(const Answer<Mdstat>& mdstat, const Sysfs& sysfs) {
    std::set<std::string> names;
    for (const auto& [name, read] : sysfs.arrays) names.insert(name);
    if (mdstat.get()) {
      for (const auto& array : mdstat.get()->arrays) names.insert(array.name);
    }
    return names;
  }

  std::optional<RaidArray> merge(Samples& samples, const std::string& name,
                                 const Answer<Mdstat>& mdstat, const Sysfs& sysfs) const {
    const auto read = sysfs.arrays.find(name);
    const MdSysfs* const array_sysfs = read == sysfs.arrays.end() ? nullptr : read->second.get();
    if (array_sysfs) {
      for (const auto& problem : array_sysfs->problems) samples.problem(name + ": " + problem);
    }
    const MdstatArray* const array_mdstat = find(mdstat.get(), name);
    // mdstat alone may call a dead array active: what the state would have said is missing.
    const bool has_state = array_sysfs && array_sysfs->array_state;
    const bool hangs = read != sysfs.arrays.end() && read->second.unknown();
    if (array_mdstat && sysfs.listed && !has_state && !hangs) {
      samples.problem((blocks_path_ / name / "md/array_state").string() +
                      ": is not there, although mdstat lists the array");
    }
    auto array = merge_raid_array(name, array_mdstat, array_sysfs);
    if (array) array->labels_known = !hangs;
    return array;
  }

  bool is_ignored(const std::string& label) const { return matches_array_label(label, ignored_); }

  void add_absent_arrays(Samples& samples, const std::vector<RaidExpectation::Array>& present,
                         const MdadmConf& conf, bool complete) {
    for (const auto& problem : conf.problems) samples.problem(problem);
    for (const auto& label : expectation_.absent(present, conf.arrays, complete)) {
      if (is_ignored(label) || is_ignored(expectation_.alias_of(label))) continue;
      add_array_present(samples, label, false);
    }
  }

  // Whether every array there is has been named. mdstat alone does when it was understood; sysfs
  // does when each folder could be read: an empty device is no array.
  static bool lists_all(const Answer<Mdstat>& mdstat, const Sysfs& sysfs) {
    if (mdstat.get() &&
        std::ranges::none_of(mdstat.get()->problems, [](const auto& p) { return p.array.empty(); }))
      return true;
    // One whose state was refused cannot be told from an empty device.
    return sysfs.listed && std::ranges::none_of(sysfs.arrays, [](const auto& array) {
             const MdSysfs* const read = array.second.get();
             return array.second.unknown() || (read && !read->array_state);
           });
  }

  std::filesystem::path mdstat_path_;
  std::filesystem::path blocks_path_;
  std::filesystem::path root_;
  std::vector<std::string> ignored_;
  RaidExpectation expectation_;
  Lane<std::optional<Mdstat>> mdstat_lane_{"raid mdstat"};
  Lane<HostNames> names_lane_{"raid names"};
  Lane<Listing> list_lane_{"raid list"};
  Crew array_crew_{"raid array"};
  MemberDisks disks_;
  ArrayNames names_;
  RaidEvents events_;
};

std::vector<const MetricInfo*> all_metrics() {
  const auto of_arrays = raid_metrics();
  std::vector<const MetricInfo*> all(of_arrays.begin(), of_arrays.end());
  const auto of_members = raid_member_metrics();
  all.insert(all.end(), of_members.begin(), of_members.end());
  const auto of_events = raid_event_metrics();
  all.insert(all.end(), of_events.begin(), of_events.end());
  return all;
}

std::unique_ptr<Collector> make_raid_collector(const Host& host, const Config& config) {
  return std::make_unique<RaidCollector>(host, config.raid);
}

}  // namespace

CollectorInfo raid_collector() {
  static const auto metrics = all_metrics();
  return {"raid", "Linux software RAID: /proc/mdstat and md's files in /sys/block", metrics,
          make_raid_collector};
}

}  // namespace rig
