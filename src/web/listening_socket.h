// A listening TCP socket.
#pragma once

#include <string>

#include "rig/config/listen_address.h"

namespace rig {

struct ListeningSocket {
  int fd;
  std::string address;  // with the actual port
};

// An empty host means every address: one socket for IPv6 and IPv4 if the machine has IPv6. The
// caller closes the descriptor. Throws ListenError.
ListeningSocket listen_on(const ListenAddress& address);

}  // namespace rig
