// Properties of a device in the udev database.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace rig {

// Properties by name ("ID_MODEL"); empty if udev does not run or has no entry for the device.
// `device` is the directory of the device below /sys, the only location that libudev supports.
// Thread-safe.
std::map<std::string, std::string> udev_properties(const std::filesystem::path& device);

// False where udev does not run, such as in a container without /run/udev. Thread-safe.
bool has_udev_database();

}  // namespace rig
