// Socket activation: listening sockets that a service manager opened and passed to this process
// (sd_listen_fds(3) describes the protocol, which needs no library).
#pragma once

#include <string>
#include <vector>

#include "rig/kernel/unique_fd.h"

namespace rig {

struct PassedSockets {
  std::vector<UniqueFd> descriptors;  // non-blocking; child processes do not inherit them
  std::vector<std::string>
      addresses;  // of each: "[::]:10068", "unix:/run/x.sock", "unix:@abstract"
};

// SD_LISTEN_FDS_START.
inline constexpr int kFirstPassedSocket = 3;

// Both functions remove the variables of the protocol from the environment, so that child processes
// do not take them for theirs. No other thread may use the environment meanwhile.

// Throws ConfigErrors if no sockets were passed, and ListenError, which names the descriptor, if
// one of them is not a listening stream socket of IPv4, IPv6 or AF_UNIX.
PassedSockets take_passed_sockets(int first = kFirstPassedSocket);

// For a program that does not use them: child processes do not inherit them. Logs that there are
// some.
void ignore_passed_sockets(int first = kFirstPassedSocket);

}  // namespace rig
