// The arrays that mdadm.conf(5) names: its ARRAY lines.
//
// Read where mdadm reads them below a root folder: /etc/mdadm/mdadm.conf, else /etc/mdadm.conf,
// with the *.conf files of the folder "mdadm.conf.d" beside it. May block as any file may: read in
// a lane.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace rig {

struct MdadmConfArray {
  std::string device;  // as it is written: "/dev/md0", "/dev/md/data", "data"; empty: none
  std::string uuid;    // as mdadm writes it: "33345e67:0316d21e:…"; empty: none, or senseless
  std::string name;    // "rig:data"; empty: none

  bool operator==(const MdadmConfArray&) const = default;
};

// Takes any text; what it does not know it passes over, as mdadm does. An array named <ignore>,
// which mdadm never assembles, is left out.
std::vector<MdadmConfArray> parse_mdadm_conf(std::string_view text);

struct MdadmConf {
  std::vector<MdadmConfArray> arrays;
  std::vector<std::string> problems;  // "PATH: Permission denied"
};

// Nothing where there is no such file.
MdadmConf read_mdadm_conf(const std::filesystem::path& root);

}  // namespace rig
