#include "web/security/access_control.h"

#include <fmt/format.h>

#include <chrono>
#include <string>
#include <utility>

#include "rig/log/log.h"
#include "rig/web/health_check.h"
#include "web/security/bcrypt.h"
#include "web/security/web_policy.h"

namespace rig {
namespace {

using Access = Authenticator::Access;

constexpr const char* kText = "text/plain; charset=utf-8";

HttpResponse unauthorized(const char* why) {
  return {401,
          kText,
          fmt::format("{}\n", why),
          {{"WWW-Authenticate", R"(Basic realm="rig_exporter", charset="UTF-8")"}}};
}

HttpResponse too_many_requests(std::chrono::steady_clock::duration wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  return {429,
          kText,
          "too many requests: see rate_limit in the web configuration\n",
          {{"Retry-After", std::to_string(seconds)}}};
}

}  // namespace

AccessControl::AccessControl(std::shared_ptr<WebSecurity> security)
    : security_(std::move(security)), authenticator_(&matches_bcrypt_hash) {}

std::optional<AccessControl::Rejection> AccessControl::decide(const HttpRequest& request) {
  if (request.path == kHealthyPath) return Rejection();
  const auto policy = security_->policy();
  if (const auto& limit = policy->config.rate_limit) {
    if (const auto wait = rate_limiter_.take(*limit)) return too_many_requests(*wait);
  }
  const auto access = authenticator_.access(policy->config.users, request);
  if (access == Access::unknown) return std::nullopt;
  return rejection(access, request);
}

void AccessControl::check(const HttpRequest& request, std::function<void(Rejection)> done) {
  const auto policy = security_->policy();
  authenticator_.check(policy->config.users, request,
                       [this, &request, done = std::move(done)](Access access) {
                         done(rejection(access, request));
                       });
}

AccessControl::Rejection AccessControl::rejection(Access access, const HttpRequest& request) {
  switch (access) {
    case Access::granted:
      return std::nullopt;
    case Access::no_credentials:
      return unauthorized("a user name and password are required");
    case Access::too_many_checks:
      return HttpResponse{
          429, kText, "too many passwords are being checked now\n", {{"Retry-After", "2"}}};
    case Access::stopped:
      return HttpResponse{503, kText, "the exporter is shutting down\n", {{"Connection", "close"}}};
    case Access::denied:
    case Access::unknown:
      break;
  }
  record_failure(request);
  return unauthorized("the user name or the password is wrong");
}

void AccessControl::record_failure(const HttpRequest& request) {
  security_->count_authentication_failure();
  const auto line = fmt::format("http: wrong user name or password from {}",
                                request.client.empty() ? "a unix socket" : request.client);
  const std::lock_guard lock(log_mutex_);
  if (log_limiter_.allow(line, LogRateLimiter::Time::clock::now())) log_warn(line);
}

}  // namespace rig
