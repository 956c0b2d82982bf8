// Logs what is left out of the metrics, at the start and whenever that has changed.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "rig/config/privacy.h"

namespace rig {

// All functions may be called from any thread.
class OmissionLog {
 public:
  explicit OmissionLog(Privacy privacy);

  // After the users have changed, which decide what is omitted. A reload does not change the
  // settings about privacy.
  void update();

 private:
  const Privacy privacy_;
  std::mutex mutex_;
  std::vector<std::string> omitted_;
};

}  // namespace rig
