// Which arrays should be there, and whether they are.
//
// Expected is what the settings and mdadm.conf name, and what was seen since the start. One real
// array has one label: an array that comes back under another name with the same UUID is the same,
// and takes its old name's place. Where something present may be an array that was never seen and
// nothing can tell (imsm, DDF and inactive arrays have no UUID in sysfs), nothing is said of it.
//
// Pure; one thread at a time.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "raid/mdadm_conf.h"

namespace rig {

class RaidExpectation {
 public:
  struct Array {
    std::string name;   // the kernel's: "md127"
    std::string uuid;   // empty: not known
    std::string alias;  // what udev calls it, as a label: "md/data"; empty: not known
  };

  // Takes labels.
  explicit RaidExpectation(std::vector<std::string> expected) : expected_(std::move(expected)) {}

  // The labels of the arrays that are expected and not there. None when `present` may lack some.
  std::set<std::string> absent(const std::vector<Array>& present,
                               const std::vector<MdadmConfArray>& conf, bool complete);

  // What udev calls an array that was seen under this kernel name; empty: not known.
  std::string alias_of(const std::string& name) const;

 private:
  struct Seen {
    Array array;
    std::uint64_t last = 0;  // look at which it was there last
  };
  struct Claim {
    std::string label;
    std::string uuid;
  };

  void remember(const std::vector<Array>& present);
  std::vector<Claim> claims(const std::vector<MdadmConfArray>& conf) const;
  const Seen* seen(const Claim& claim) const;
  bool may_be(const Array& array, const Claim& claim, const std::vector<Claim>& all) const;

  std::vector<std::string> expected_;
  std::vector<Seen> seen_;
  std::uint64_t look_ = 0;
};

}  // namespace rig
