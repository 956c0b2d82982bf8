#include "app/endpoints.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rig/config/listen_address.h"
#include "rig/log/log.h"
#include "rig/web/passed_sockets.h"

namespace rig {
namespace {

// Whether both have the same port or file: "[::]:10068" is a socket for ":10068".
bool may_be_same(const std::string& passed, const ListenAddress& wanted) {
  const auto text = to_string(wanted);
  return passed == text || (!wanted.is_unix() && !passed.starts_with("unix:") &&
                            parse_listen_address(passed).port == wanted.port);
}

void warn_of_ignored(const Config& config, const std::vector<std::string>& passed) {
  if (config.web.listen_addresses == Config().web.listen_addresses) return;
  for (const auto& address : config.web.listen_addresses) {
    const auto wanted = parse_listen_address(address);
    if (std::ranges::none_of(passed, [&](const auto& p) { return may_be_same(p, wanted); }))
      log_warn(fmt::format(
          "--web.listen-address={} is ignored: --web.systemd-socket uses the sockets of systemd",
          address));
  }
}

}  // namespace

Endpoints find_endpoints(const Config& config) {
  Endpoints endpoints{
      .to_open = {}, .options = {.unix_socket_mode = config.web.unix_socket_mode}, .all = {}};
  if (config.web.systemd_socket) {
    auto passed = take_passed_sockets();
    warn_of_ignored(config, passed.addresses);
    endpoints.options.sockets = std::move(passed.descriptors);
    endpoints.all = std::move(passed.addresses);
  } else {
    ignore_passed_sockets();
    endpoints.to_open = config.web.listen_addresses;
    endpoints.all = config.web.listen_addresses;
  }
  return endpoints;
}

}  // namespace rig
