#include "rig/kernel/readable_files.h"

#include <filesystem>
#include <system_error>

namespace rig {

bool ReadableFiles::is_refusal(Reason reason, Permission permission) {
  return reason == Reason::unsupported || reason == Reason::not_permitted ||
         (reason == Reason::permission_denied && permission == Permission::optional);
}

void ReadableFiles::add(const std::string& file) {
  const std::lock_guard lock(mutex_);
  files_.insert(file);
}

bool ReadableFiles::has_given_values(const std::string& file) const {
  const std::lock_guard lock(mutex_);
  return files_.contains(file);
}

bool ReadableFiles::has_failed(const std::string& file) {
  if (!has_given_values(file)) return false;
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) return true;
  const std::lock_guard lock(mutex_);
  files_.erase(file);
  return false;
}

}  // namespace rig
