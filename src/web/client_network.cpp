#include "web/client_network.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cstring>

namespace rig {
namespace {

std::string address_text(int family, const void* address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(family, address, text.data(), text.size());
  return text.data();
}

}  // namespace

std::string client_network(const sockaddr& client) {
  if (client.sa_family == AF_INET)
    return address_text(AF_INET, &reinterpret_cast<const sockaddr_in&>(client).sin_addr);
  if (client.sa_family != AF_INET6) return "";
  auto address = reinterpret_cast<const sockaddr_in6&>(client).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&address)) return address_text(AF_INET, &address.s6_addr[12]);
  std::memset(&address.s6_addr[8], 0, 8);
  return address_text(AF_INET6, &address) + "/64";
}

}  // namespace rig
