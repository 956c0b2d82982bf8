// What the exporter tells the service manager about itself.
#pragma once

#include <chrono>
#include <memory>
#include <optional>

#include "app/reload.h"
#include "app/service_manager.h"
#include "rig/scrape/scrape_scheduler.h"
#include "rig/web/http_server.h"
#include "rig/web/web_security.h"

namespace rig {

// Its status is that of a scrape of its own, which others share if they overlap. With a timeout of
// the watchdog, it checks itself (self_check.h).
ServiceManager::Service exporter_service(HttpServer& server, ScrapeScheduler& scheduler,
                                         std::shared_ptr<const WebSecurity> security,
                                         std::optional<std::chrono::microseconds> watchdog_timeout);

// Tells the manager when a reload begins and ends.
ReloadOptions reload_notifications(ServiceManager& manager);

}  // namespace rig
