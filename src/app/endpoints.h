// Where the exporter listens.
#pragma once

#include <string>
#include <vector>

#include "rig/config/config.h"
#include "rig/web/http_server.h"

namespace rig {

struct Endpoints {
  std::vector<std::string> to_open;  // by the server
  ListenOptions options;             // with the sockets that systemd passed
  std::vector<std::string> all;      // what is opened and what was passed
};

// To be called once, before other threads are started and other files opened. Throws ConfigErrors
// or ListenError if the sockets of systemd are to be used and cannot be.
Endpoints find_endpoints(const Config& config);

}  // namespace rig
