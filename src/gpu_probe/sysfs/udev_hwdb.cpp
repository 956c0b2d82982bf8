#include <libudev.h>

#include <memory>

#include "gpu_probe/sysfs/marketing_name.h"

namespace rig {

std::string hwdb_model(const std::string& modalias) {
  const std::unique_ptr<udev, udev* (*)(udev*)> context(udev_new(), udev_unref);
  if (!context) return {};
  const std::unique_ptr<udev_hwdb, udev_hwdb* (*)(udev_hwdb*)> database(
      udev_hwdb_new(context.get()), udev_hwdb_unref);
  if (!database) return {};
  udev_list_entry* const entries =
      udev_hwdb_get_properties_list_entry(database.get(), modalias.c_str(), 0);
  udev_list_entry* const model = udev_list_entry_get_by_name(entries, "ID_MODEL_FROM_DATABASE");
  const char* const value = udev_list_entry_get_value(model);
  return value != nullptr ? value : "";
}

}  // namespace rig
