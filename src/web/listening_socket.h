// A listening TCP socket.
#pragma once

#include <optional>
#include <string>

#include "rig/config/listen_address.h"
#include "rig/kernel/unique_fd.h"
#include "rig/web/http_server.h"

namespace rig {

struct ListeningSocket {
  UniqueFd fd;
  std::string address;           // with the actual port
  bool address_missing = false;  // the machine does not have the address: nobody can connect yet
  unsigned zone = 0;             // network interface of a link-local address, otherwise 0
};

// Trying again later makes sense: the name of a host cannot be resolved for now, the machine does
// not have its address, or the network interface of a link-local address does not exist.
class NotYetKnown : public ListenError {
 public:
  using ListenError::ListenError;
};

// An empty host means every address: one socket for IPv6 and IPv4 if the machine has IPv6. An
// address that the machine does not have is listened on all the same. Throws ListenError, which may
// be NotYetKnown. May wait for a name server.
ListeningSocket listen_on(const ListenAddress& address);

// Whether the machine has the address now, whoever listens on it.
bool machine_has(const ListenAddress& address);

// The index of the network interface that a link-local address names ("fe80::1%eth0"); 0 if it does
// not exist. std::nullopt if the address names none, or names it by its index.
std::optional<unsigned> find_zone(const ListenAddress& address);

// Of a socket, as a listen address; "unix:@NAME" if it is abstract.
std::string bound_address(int fd);

}  // namespace rig
