#include "rig/disk/udev_properties.h"

#include <libudev.h>

#include <memory>
#include <system_error>

namespace rig {

std::map<std::string, std::string> udev_properties(const std::filesystem::path& device) {
  const std::unique_ptr<udev, udev* (*)(udev*)> context(udev_new(), udev_unref);
  if (!context) return {};
  const std::unique_ptr<udev_device, udev_device* (*)(udev_device*)> found(
      udev_device_new_from_syspath(context.get(), device.c_str()), udev_device_unref);
  if (!found) return {};
  std::map<std::string, std::string> properties;
  udev_list_entry* entry = udev_device_get_properties_list_entry(found.get());
  for (; entry != nullptr; entry = udev_list_entry_get_next(entry)) {
    const char* const value = udev_list_entry_get_value(entry);
    properties[udev_list_entry_get_name(entry)] = value != nullptr ? value : "";
  }
  return properties;
}

bool has_udev_database() {
  std::error_code ignored;
  return std::filesystem::exists("/run/udev/data", ignored);
}

}  // namespace rig
