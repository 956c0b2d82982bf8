#include "app/service.h"

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "app/self_check.h"
#include "app/service_status.h"
#include "rig/log/log.h"

namespace rig {
namespace {

void determine_status(const HttpServer& server, ScrapeScheduler& scheduler,
                      ServiceManager::OnStatus on_status) {
  const auto deadline = std::chrono::steady_clock::now() + scheduler.limit();
  scheduler.request({}, deadline,
                    [addresses = server.addresses(), on_status = std::move(on_status)](
                        const std::shared_ptr<const ScrapeResult>& result) {
                      try {
                        on_status(service_status(addresses, result.get()));
                      } catch (const std::exception& error) {
                        log_error(std::string("service manager: ") + error.what());
                      }
                    });
}

}  // namespace

ServiceManager::Service exporter_service(
    HttpServer& server, ScrapeScheduler& scheduler, std::shared_ptr<const WebSecurity> security,
    std::optional<std::chrono::microseconds> watchdog_timeout) {
  ServiceManager::Service service{.status = service_status(server.addresses(), nullptr),
                                  .determine_status =
                                      [&server, &scheduler](ServiceManager::OnStatus on_status) {
                                        determine_status(server, scheduler, std::move(on_status));
                                      },
                                  .check = {}};
  if (watchdog_timeout)
    service.check = self_check(server, scheduler, std::move(security), *watchdog_timeout);
  return service;
}

ReloadOptions reload_notifications(ServiceManager& manager) {
  return {
      .on_begin = [&manager] { manager.reload_begins(); },
      .on_end =
          [&manager](const ReloadResult& result) { manager.reload_ends(result.errors.empty()); }};
}

}  // namespace rig
