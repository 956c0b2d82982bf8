#include "app/omission_log.h"

#include <utility>

#include "rig/log/log.h"

namespace rig {

OmissionLog::OmissionLog(Privacy privacy) : privacy_(std::move(privacy)) { update(); }

void OmissionLog::update() {
  const std::lock_guard lock(mutex_);
  auto now = omissions(privacy_);
  if (now == omitted_) return;
  for (const auto& omission : now) log_info(omission);
  if (now.empty()) log_info("nothing is omitted any more");
  omitted_ = std::move(now);
}

}  // namespace rig
