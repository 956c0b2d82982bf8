#include "web/request_handler.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>
#include <optional>
#include <utility>

#include "rig/log/log.h"
#include "web/request_origin.h"

namespace rig {
namespace {

constexpr const char* kPlainText = "text/plain; charset=utf-8";

HttpResponse failure(const HttpRoute& route, const std::exception& error) {
  log_error(fmt::format("{}: {}", route.path, error.what()));
  return {500, kPlainText, fmt::format("{}\n", error.what()), {}};
}

HttpResponse method_not_allowed(const HttpRequest& request, const HttpRoute& route) {
  return {405,
          kPlainText,
          fmt::format("{} is not allowed for {}: use {}\n", request.method, request.path,
                      fmt::join(route.methods, " or ")),
          {{"Allow", fmt::format("{}", fmt::join(route.methods, ", "))}}};
}

HttpResponse cross_origin(const HttpRequest& request) {
  return {403,
          kPlainText,
          fmt::format("{} of a page of another origin is not allowed\n", request.method),
          {}};
}

HttpResponse shutting_down() {
  return {503, kPlainText, "the exporter is shutting down\n", {{"Connection", "close"}}};
}

}  // namespace

RequestHandler::RequestHandler(std::vector<HttpRoute> routes, HttpObserver observer,
                               std::unique_ptr<AccessControl> access)
    : routes_(std::move(routes)), observer_(std::move(observer)), access_(std::move(access)) {}

const HttpRoute* RequestHandler::find(const HttpRequest& request) const {
  const auto route = std::ranges::find(routes_, request.path, &HttpRoute::path);
  return route == routes_.end() ? nullptr : &*route;
}

HttpResponse RequestHandler::not_found(const HttpRequest& request) const {
  std::string known;
  for (const auto& route : routes_) known += " " + route.path;
  return {404, kPlainText, fmt::format("not found: {}; available:{}\n", request.path, known), {}};
}

std::variant<HttpResponse, RequestHandler::Later> RequestHandler::route(
    const HttpRequest& request) const {
  const auto* const route = find(request);
  if (route == nullptr) return not_found(request);
  if (std::ranges::find(route->methods, request.method) == route->methods.end())
    return method_not_allowed(request, *route);
  const bool is_read = request.method == "GET" || request.method == "HEAD";
  if (!is_read && is_cross_origin(request)) return cross_origin(request);
  if (const auto* const handler = std::get_if<HttpRoute::Handler>(&route->handler)) {
    try {
      return (*handler)(request);
    } catch (const std::exception& error) {
      return failure(*route, error);
    }
  }
  return [route, &request](const HttpRespond& respond) {
    try {
      std::get<HttpRoute::DeferredHandler>(route->handler)(request, respond);
    } catch (const std::exception& error) {
      respond(failure(*route, error));
    }
  };
}

// Counts a request as pending until it has its response.
std::variant<HttpResponse, RequestHandler::Later> RequestHandler::counted(Later later) {
  {
    const std::lock_guard lock(pending_->mutex);
    if (pending_->stopped) return shutting_down();
    ++pending_->count;
  }
  return [pending = pending_, later = std::move(later)](HttpRespond respond) {
    later([pending, respond = std::move(respond)](HttpResponse response) {
      respond(std::move(response));
      const std::lock_guard lock(pending->mutex);
      --pending->count;
      pending->changed.notify_all();
    });
  };
}

std::variant<HttpResponse, RequestHandler::Later> RequestHandler::handle(
    const HttpRequest& request) {
  const auto decision =
      access_ ? access_->decide(request) : std::optional(AccessControl::Rejection());
  if (decision && *decision) return **decision;
  if (!decision) {
    return counted([this, &request](const HttpRespond& respond) {
      try {
        access_->check(request, [this, &request, respond](AccessControl::Rejection rejection) {
          if (rejection) return respond(*std::move(rejection));
          auto routed = route(request);
          if (auto* const response = std::get_if<HttpResponse>(&routed))
            return respond(std::move(*response));
          std::get<Later>(routed)(respond);
        });
      } catch (const std::exception& error) {  // before it has taken over the request
        log_error(fmt::format("http: password check: {}", error.what()));
        respond({500, kPlainText, "the password could not be checked\n", {}});
      }
    });
  }
  auto routed = route(request);
  if (auto* const later = std::get_if<Later>(&routed)) return counted(std::move(*later));
  return routed;
}

bool RequestHandler::stop(std::chrono::milliseconds timeout) {
  {
    const std::lock_guard lock(pending_->mutex);
    pending_->stopped = true;
  }
  if (access_) access_->stop();
  std::unique_lock lock(pending_->mutex);
  return pending_->changed.wait_for(lock, timeout, [&] { return pending_->count == 0; });
}

void RequestHandler::observe(const HttpRequest& request, const HttpResponse& response) const {
  if (!observer_) return;
  const auto* const route = find(request);
  observer_(route == nullptr ? "other" : route->path, response.status);
}

}  // namespace rig
