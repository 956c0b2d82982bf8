// Which arrays should exist, and which of them do not.
//
// Expected arrays are those that the settings and mdadm.conf name and those that were present since
// the start. Every array has one label: an array that reappears under another name with the same
// UUID replaces its old name. If a present array could be an expected one that was never seen, and
// neither name nor UUID decides it (imsm, DDF and inactive arrays have no UUID in sysfs), the
// expected one is not reported as absent.
//
// Reads no files. Used by one thread at a time.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "raid/mdadm_conf.h"

namespace rig {

class ExpectedArrays {
 public:
  struct Identity {
    std::string name;   // the kernel's: "md127"
    std::string uuid;   // empty: unknown
    std::string alias;  // udev's name, as a label: "md/data"; empty: unknown

    bool operator==(const Identity&) const = default;
  };

  // `configured` are labels.
  explicit ExpectedArrays(std::vector<std::string> configured)
      : configured_(std::move(configured)) {}

  // The labels of the expected arrays that are not in `present`; none if `present` is not complete.
  std::set<std::string> absent(const std::vector<Identity>& present,
                               const std::vector<MdadmConfArray>& conf, bool complete);

  // udev's name of an array that was present under this kernel name; empty: unknown.
  std::string alias_of(const std::string& name) const;

 private:
  struct Seen {
    Identity array;
    std::uint64_t last_update = 0;  // in which it was present
  };
  struct Expected {
    std::string label;
    std::string uuid;
  };

  bool has_seen_exactly(const std::vector<Identity>& present) const;
  void remember(const std::vector<Identity>& present);
  std::vector<Expected> all_expected(const std::vector<MdadmConfArray>& conf) const;
  const Seen* seen(const Expected& expected) const;
  bool may_be(const Identity& array, const Expected& expected,
              const std::vector<Expected>& all) const;

  std::vector<std::string> configured_;
  std::vector<Seen> seen_;
  std::uint64_t update_ = 0;
};

}  // namespace rig
