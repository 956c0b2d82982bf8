// Asks a running exporter whether it is well: rig_exporter --health, for containers and service
// managers.
#pragma once

#include <string>

namespace rig {

struct Health {
  bool healthy = false;
  bool reached = false;  // somebody listens there, whoever it is
  std::string what;      // one line for people
};

// GET /-/healthy at a listen address as configured (":10068" is asked at 127.0.0.1). Waits 2 s at
// most.
Health ask_health(const std::string& listen_address);

}  // namespace rig
