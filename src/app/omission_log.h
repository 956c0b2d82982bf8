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

  // After the settings have changed.
  void use(Privacy privacy);
  // After anything else has changed that decides what is omitted: the users.
  void update();

 private:
  std::mutex mutex_;
  Privacy privacy_;
  std::vector<std::string> omitted_;
};

}  // namespace rig
