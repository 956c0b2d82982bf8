#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "raid/expected_arrays.h"
#include "raid/raid_array.h"
#include "raid/raid_event_metrics.h"
#include "raid/raid_member_metrics.h"
#include "raid/raid_metrics.h"
#include "raid/raid_reader.h"
#include "raid/superblock_names.h"
#include "rig/config/config.h"
#include "rig/disk/udev_properties.h"
#include "rig/kernel/files.h"
#include "rig/kernel/raid_array_label.h"
#include "rig/scrape/collectors.h"

namespace rig {
namespace {

constexpr std::chrono::milliseconds kUdevTime{20};

const MdstatArray* find(const Mdstat* mdstat, const std::string& name) {
  if (!mdstat) return nullptr;
  const auto found = std::ranges::find(mdstat->arrays, name, &MdstatArray::name);
  return found == mdstat->arrays.end() ? nullptr : &*found;
}

// udev knows this machine only, not one that is played back.
QueryUdev query_udev(const RootPaths& host) {
  if (!host.is_live_sysfs()) return nullptr;
  return [blocks = host.sys / "block"](const std::string& array) {
    return udev_properties(real_path(blocks / array).value_or(std::filesystem::path()));
  };
}

// Of those that hold data; absent when one may be a container or not.
std::optional<double> count_of(const std::vector<RaidArray>& arrays) {
  double count = 0;
  for (const RaidArray& array : arrays) {
    if (!array.container) return std::nullopt;
    if (!*array.container) ++count;
  }
  return count;
}

class RaidCollector : public Collector {
 public:
  RaidCollector(const RootPaths& host, const Config::Raid& config)
      : ignored_(config.ignored),
        expected_(config.expected),
        sources_(host),
        names_(query_udev(host)),
        events_(host) {}

  void collect(Samples& samples, Deadline deadline) override {
    const RaidSeen seen = sources_.read(samples, deadline);
    if (seen.mdstat.get()) note_problems(samples, *seen.mdstat.get());
    if (seen.nowhere()) {
      samples.problem("neither " + sources_.mdstat_path().string() + " nor " +
                      sources_.blocks_path().string() + " exists");
      return;
    }
    std::vector<ExpectedArrays::Identity> present;
    auto arrays = merge_all(samples, seen, present);
    // Also when something else has used up the time: udev is seldom asked, and answers at once.
    names_.fill_in(arrays, samples,
                   std::max(deadline, std::chrono::steady_clock::now() + kUdevTime));
    for (const RaidArray& array : arrays) {
      add_array(samples, array);
      add_members(samples, array, seen.disks);
      add_array_present(samples, array.name, true);
    }
    const bool complete = seen.complete();
    add_array_count(samples, complete ? count_of(arrays) : std::nullopt);
    events_.add(samples, arrays, complete);
    add_absent_arrays(samples, present, seen.conf, complete);
  }

 private:
  void note_problems(Samples& samples, const Mdstat& mdstat) const {
    for (const auto& problem : mdstat.problems) {
      const std::string array = problem.array.empty() ? "" : problem.array + ": ";
      samples.problem(sources_.mdstat_path().string() + ": " + array + problem.what);
    }
  }

  // Those that are shown. `present` are all: mdadm.conf may know an ignored one by another name.
  std::vector<RaidArray> merge_all(Samples& samples, const RaidSeen& seen,
                                   std::vector<ExpectedArrays::Identity>& present) const {
    std::vector<RaidArray> arrays;
    for (const std::string& name : seen.names()) {
      const std::string alias = seen.alias_of(name);
      const bool ignored = is_ignored(name) || is_ignored(alias);
      Samples dropped;
      auto array = merge(ignored ? dropped : samples, name, seen);
      if (!array) continue;
      present.push_back({name, array->uuid, alias});
      if (!ignored) arrays.push_back(std::move(*array));
    }
    return arrays;
  }

  std::optional<RaidArray> merge(Samples& samples, const std::string& name,
                                 const RaidSeen& seen) const {
    const auto read = seen.arrays.find(name);
    const MdSysfs* const array_sysfs = read == seen.arrays.end() ? nullptr : read->second.get();
    if (array_sysfs) {
      for (const auto& problem : array_sysfs->problems) samples.problem(name + ": " + problem);
    }
    const MdstatArray* const array_mdstat = find(seen.mdstat.get(), name);
    // mdstat alone may call a dead array active: what the state would have said is missing.
    const bool has_state = array_sysfs && array_sysfs->array_state;
    const bool hangs = read != seen.arrays.end() && read->second.unknown();
    if (array_mdstat && seen.listed && !has_state && !hangs) {
      samples.problem((sources_.blocks_path() / name / "md/array_state").string() +
                      ": missing, although mdstat lists the array");
    }
    auto array = merge_raid_array(name, array_mdstat, array_sysfs);
    if (array) array->labels_known = !hangs;
    return array;
  }

  bool is_ignored(const std::string& label) const { return matches_array_label(label, ignored_); }

  void add_absent_arrays(Samples& samples, const std::vector<ExpectedArrays::Identity>& present,
                         const MdadmConf& conf, bool complete) {
    for (const auto& problem : conf.problems) samples.problem(problem);
    for (const auto& label : expected_.absent(present, conf.arrays, complete)) {
      if (is_ignored(label) || is_ignored(expected_.alias_of(label))) continue;
      add_array_present(samples, label, false);
    }
  }

  const std::vector<std::string> ignored_;
  ExpectedArrays expected_;
  RaidSources sources_;
  SuperblockNames names_;
  RaidEventCounters events_;
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

std::unique_ptr<Collector> make_raid_collector(const RootPaths& host, const Config& config) {
  return std::make_unique<RaidCollector>(host, config.raid);
}

}  // namespace

CollectorInfo raid_collector() {
  static const auto metrics = all_metrics();
  return {"raid", "Linux software RAID: /proc/mdstat and md's files in /sys/block", metrics,
          make_raid_collector};
}

}  // namespace rig
