// The sum of counters of which some may vanish and return, such as the times of CPUs that are
// switched off: it neither falls nor jumps with them, so that its rate is that of the counters that
// are present.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rig {

class SummedCounter {
 public:
  using Values = std::vector<std::pair<std::string, double>>;  // by name, in any order

  // The first call returns the sum. Each further one adds the increase of those counters that the
  // previous call had too; the decrease of a counter that was reset is ignored.
  double update(Values values);

 private:
  Values previous_;  // sorted by name
  std::optional<double> total_;
};

}  // namespace rig
