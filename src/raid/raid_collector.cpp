// RaidReader reads the sources, from_mdstat() and from_sysfs() make a RaidArray of each and
// overlay() combines these (raid_array_overlay.h), assess() decides what is usable
// (raid_assessment.h), and the raid_*metrics files turn the result into samples.
#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "raid/expected_arrays.h"
#include "raid/raid_array.h"
#include "raid/raid_assessment.h"
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
#include "rig/scrape/make_collector.h"

namespace rig {
namespace {

// The minimum time for the query, even if the reads have used up all time: udev is rarely queried
// and replies immediately.
constexpr std::chrono::milliseconds kUdevTimeout{20};

// udev describes only the running machine, not a copy of another machine's files.
QueryUdev udev_query(const RootPaths& paths) {
  if (!paths.is_live_sysfs()) return nullptr;
  return [blocks = paths.sys / "block"](const std::string& array) {
    return udev_properties(real_path(blocks / array).value_or(std::filesystem::path()));
  };
}

// Number of arrays that hold data; std::nullopt if it is unknown for one of them whether it is a
// container.
std::optional<double> count_without_containers(const std::vector<RaidArray>& arrays) {
  double count = 0;
  for (const RaidArray& array : arrays) {
    if (!array.container) return std::nullopt;
    if (!*array.container) ++count;
  }
  return count;
}

class RaidCollector : public Collector {
 public:
  RaidCollector(const RootPaths& paths, const Config& config)
      : ignored_(config.raid.ignored),
        privacy_(config.privacy),
        expected_(config.raid.expected),
        reader_(paths),
        names_(udev_query(paths)),
        events_(paths) {}

  void collect(Samples& samples, Deadline deadline) override {
    const RaidSnapshot snapshot = reader_.read(samples, deadline);
    if (snapshot.has_no_source()) {
      samples.add_problem(Problem::missing(reader_.mdstat_path(),
                                           "missing, like " + reader_.blocks_path().string() +
                                               "; are --path.procfs and --path.sysfs correct?"));
      return;
    }
    add_mdstat_problems(samples, snapshot);
    auto all_arrays = snapshot.arrays();
    // With ignored ones: mdadm.conf may use another name for one of them.
    const auto present = identities(all_arrays, snapshot);
    auto arrays = without_ignored(all_arrays, snapshot);
    add_sysfs_problems(samples, snapshot);
    names_.fill_in(arrays, samples,
                   std::max(deadline, std::chrono::steady_clock::now() + kUdevTimeout));
    const bool shows_serial_numbers = privacy_.shows_serial_numbers();
    for (const RaidArray& array : arrays) {
      add_array(samples, array, assess(array));
      add_members(samples, array, snapshot.disks, shows_serial_numbers);
      add_array_present(samples, array.name, true);
    }
    const bool complete = snapshot.is_complete();
    add_array_count(samples, complete ? count_without_containers(arrays) : std::nullopt);
    events_.add(samples, arrays, complete);
    add_absent_arrays(samples, present, snapshot);
  }

 private:
  using Arrays = std::map<std::string, RaidArray>;
  using Identities = std::vector<ExpectedArrays::Identity>;

  bool is_ignored(const std::string& name, const std::string& alias) const {
    return matches_array_label(name, ignored_) || matches_array_label(alias, ignored_);
  }

  static Identities identities(const Arrays& arrays, const RaidSnapshot& snapshot) {
    Identities all;
    for (const auto& [name, array] : arrays)
      all.push_back({name, array.uuid, snapshot.alias_of(name)});
    return all;
  }

  // Moves them out of `arrays`.
  std::vector<RaidArray> without_ignored(Arrays& arrays, const RaidSnapshot& snapshot) const {
    std::vector<RaidArray> shown;
    for (auto& [name, array] : arrays) {
      if (!is_ignored(name, snapshot.alias_of(name))) shown.push_back(std::move(array));
    }
    return shown;
  }

  void add_mdstat_problems(Samples& samples, const RaidSnapshot& snapshot) const {
    if (!snapshot.mdstat) return;
    for (const auto& [array, found] : snapshot.mdstat->problems) {
      Problem problem = found;
      problem.path = reader_.mdstat_path().string();
      if (!array.empty()) problem.detail = array + ": " + problem.detail;
      samples.add_problem(std::move(problem));
    }
  }

  void add_sysfs_problems(Samples& samples, const RaidSnapshot& snapshot) const {
    for (const auto& [name, sysfs] : snapshot.sysfs) {
      if (is_ignored(name, snapshot.alias_of(name))) continue;
      for (const Problem& problem : sysfs.problems) samples.add_problem(problem);
    }
    // mdstat alone may report a failed array as active: md/array_state is required.
    for (const auto& name : snapshot.arrays_without_state()) {
      if (is_ignored(name, snapshot.alias_of(name))) continue;
      samples.add_problem(Problem::missing(reader_.blocks_path() / name / "md/array_state",
                                           "missing, although mdstat lists the array"));
    }
  }

  void add_absent_arrays(Samples& samples, const Identities& present,
                         const RaidSnapshot& snapshot) {
    for (const Problem& problem : snapshot.conf.problems) samples.add_problem(problem);
    for (const auto& label :
         expected_.absent(present, snapshot.conf.arrays, snapshot.is_complete())) {
      if (!is_ignored(label, expected_.alias_of(label))) add_array_present(samples, label, false);
    }
  }

  const std::vector<std::string> ignored_;
  const Privacy privacy_;
  ExpectedArrays expected_;
  RaidReader reader_;
  SuperblockNames names_;
  RaidEventCounters events_;
};

std::vector<const MetricInfo*> all_metrics() {
  std::vector<const MetricInfo*> all;
  for (const auto metrics : {raid_metrics(), raid_member_metrics(), raid_event_metrics()})
    all.insert(all.end(), metrics.begin(), metrics.end());
  return all;
}

}  // namespace

CollectorInfo raid_collector() {
  static const auto metrics = all_metrics();
  return {.name = "raid",
          .help = "Linux software RAID: /proc/mdstat and md's files in /sys/block",
          .metrics = metrics,
          .make = make_collector<RaidCollector>};
}

}  // namespace rig
