// Decides whether a request is answered: by the rate limit, and by user name and password.
//
// /-/healthy is always answered: it reveals nothing, and what checks the exporter's health has no
// password.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "rig/log/log_rate_limiter.h"
#include "rig/web/http_server.h"
#include "rig/web/web_security.h"
#include "web/security/authenticator.h"
#include "web/security/rate_limiter.h"

namespace rig {

// May be used by any thread.
class AccessControl {
 public:
  // The response to a request that is not answered; absent if it is.
  using Rejection = std::optional<HttpResponse>;

  explicit AccessControl(std::shared_ptr<WebSecurity> security);

  // Absent if check() has to decide. Has to be called once for each request.
  std::optional<Rejection> decide(const HttpRequest& request);

  // Calls `done` once, possibly in another thread. `request` has to exist until then.
  void check(const HttpRequest& request, std::function<void(Rejection)> done);

  // All requests that wait for a decision are rejected.
  void stop() { authenticator_.stop(); }

 private:
  Rejection rejection(Authenticator::Access access, const HttpRequest& request);
  void record_failure(const HttpRequest& request);

  const std::shared_ptr<WebSecurity> security_;
  std::mutex log_mutex_;
  LogRateLimiter log_limiter_;
  RateLimiter rate_limiter_;
  Authenticator authenticator_;
};

}  // namespace rig
