// The power profile that is set: DEVICE/pp_power_profile_mode.
// https://docs.kernel.org/gpu/amdgpu/thermal.html#pp-power-profile-mode
//
// The file lists all profiles, in formats that differ between GPUs; a line of a profile has its
// number and its name, with an asterisk if it is set. For each profile, the driver asks the
// firmware for a table, so that the file is read once a minute only.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "gpu_probe/sysfs/field_reader.h"

namespace rig {

// The name in lower case: "bootup_default". Empty if none is marked. std::nullopt if several are,
// or if the text was truncated or has no profiles.
std::optional<std::string> parse_power_profile(std::string_view text);

class PowerProfile {
 public:
  using Clock = std::chrono::steady_clock;

  // Reads the file if it is time to, or if the last attempt failed. Absent: the GPU has no
  // profiles.
  std::optional<std::string> read(FieldReader& device, Clock::time_point now);

 private:
  std::optional<std::string> latest_;
  std::optional<Clock::time_point> read_at_;
};

}  // namespace rig
