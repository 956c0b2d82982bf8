// Checks whether the threads of this program that serve metrics do their work. See watchdog.h.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "rig/scrape/scrape_scheduler.h"
#include "rig/web/health_check.h"
#include "rig/web/http_server.h"
#include "rig/web/web_security.h"

namespace rig {

// Waits for the thread that runs scrapes, but not for collectors, and then requests /-/healthy over
// one of the addresses that the server listens on, with the TLS that is in effect. Where that
// fails, although other reasons than the server itself are possible (as many clients as it allows,
// a packet filter, a network or a socket's file that is gone), the server gets a connection that
// none of them affects, and only this one decides.
//
// Each step takes at most a sixth of `timeout`, the watchdog's. `security` may be null. The
// function has one caller at a time; the server and the scheduler must exist as long as it is
// called.
std::function<Health()> self_check(HttpServer& server, ScrapeScheduler& scheduler,
                                   std::shared_ptr<const WebSecurity> security,
                                   std::chrono::microseconds timeout);

}  // namespace rig
