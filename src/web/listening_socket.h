// A TCP socket that listens.
#pragma once

#include <string>

#include "rig/config/listen_address.h"

namespace rig {

struct ListeningSocket {
  int fd;
  std::string address;  // where it listens, with the port that was picked
};

// An empty host is every address, IPv6 and IPv4 through one socket where the machine has IPv6. The
// caller closes the descriptor. Throws ListenError.
ListeningSocket listen_at(const ListenAddress& address);

}  // namespace rig
