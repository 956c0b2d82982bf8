// The ARRAY lines of mdadm.conf(5).
//
// Read where mdadm reads them, below a root directory: /etc/mdadm/mdadm.conf, else /etc/mdadm.conf,
// with the *.conf files in the directory "mdadm.conf.d" next to it. Reading may hang: use a
// TimedTask.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "rig/kernel/problem.h"

namespace rig {

struct MdadmConfArray {
  std::string device;  // as written: "/dev/md0", "/dev/md/data", "data"; empty: none
  std::string uuid;    // as mdadm writes it: "33345e67:0316d21e:…"; empty: none or malformed
  std::string name;    // "rig:data"; empty: none

  bool operator==(const MdadmConfArray&) const = default;
};

// Accepts any text; unknown lines and words are skipped, as mdadm does. Arrays named <ignore>,
// which mdadm never assembles, are left out.
std::vector<MdadmConfArray> parse_mdadm_conf(std::string_view text);

struct MdadmConf {
  std::vector<MdadmConfArray> arrays;
  std::vector<Problem> problems;  // files that could not be read
};

// Empty if there is no such file.
MdadmConf read_mdadm_conf(const std::filesystem::path& root);

}  // namespace rig
