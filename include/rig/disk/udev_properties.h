// What udev's database says of a device of this machine.
#pragma once

#include <filesystem>
#include <map>
#include <string>

namespace rig {

// By name ("ID_MODEL"); empty where udev does not run, or does not know the device. `device` is its
// folder below /sys: libudev knows no other. Any thread.
std::map<std::string, std::string> udev_properties(const std::filesystem::path& device);

// Whether udev runs here: not in a container that was not handed /run/udev. Any thread.
bool has_udev_database();

}  // namespace rig
