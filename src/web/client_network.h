// Identifies the client of a connection.
#pragma once

#include <sys/socket.h>

#include <string>

namespace rig {

// The address of a host: "192.0.2.1". For IPv6 the network, since a host may use all of its
// addresses: "2001:db8:1:2::/64". Empty for a client on this machine that uses a unix socket.
std::string client_network(const sockaddr& client);

}  // namespace rig
