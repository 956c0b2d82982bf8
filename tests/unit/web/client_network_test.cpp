#include "web/client_network.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include "support/catch.h"

namespace rig {
namespace {

std::string network_of_ipv6(const char* address) {
  sockaddr_in6 client{};
  client.sin6_family = AF_INET6;
  inet_pton(AF_INET6, address, &client.sin6_addr);
  return client_network(reinterpret_cast<const sockaddr&>(client));
}

}  // namespace

TEST_CASE("a client with an IPv4 address is that address") {
  sockaddr_in client{};
  client.sin_family = AF_INET;
  inet_pton(AF_INET, "192.0.2.7", &client.sin_addr);
  CHECK(client_network(reinterpret_cast<const sockaddr&>(client)) == "192.0.2.7");
  CHECK(network_of_ipv6("::ffff:192.0.2.7") == "192.0.2.7");
}

TEST_CASE("a client with an IPv6 address is its network") {
  CHECK(network_of_ipv6("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::/64");
  CHECK(network_of_ipv6("2001:db8:1:2::9") == network_of_ipv6("2001:db8:1:2:3:4:5:6"));
  CHECK(network_of_ipv6("2001:db8:1:3::9") != network_of_ipv6("2001:db8:1:2::9"));
}

TEST_CASE("a client of a unix socket has no network") {
  sockaddr_un client{};
  client.sun_family = AF_UNIX;
  CHECK(client_network(reinterpret_cast<const sockaddr&>(client)).empty());
}

}  // namespace rig
