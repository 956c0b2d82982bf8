// Finds the route of a request and makes the response.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <variant>
#include <vector>

#include "rig/web/http_server.h"
#include "web/security/access_control.h"

namespace rig {

class RequestHandler {
 public:
  // `access` may be null: all requests are answered.
  RequestHandler(std::vector<HttpRoute> routes, HttpObserver observer,
                 std::unique_ptr<AccessControl> access = nullptr);

  // Makes the response, and calls `respond` with it once, in any thread. The request has to exist
  // until then.
  using Later = std::function<void(HttpRespond respond)>;

  // A response that is ready, or one that takes time: then the function has to be called once.
  std::variant<HttpResponse, Later> handle(const HttpRequest& request);

  // Reports a response to the observer.
  void observe(const HttpRequest& request, const HttpResponse& response) const;

  // From now on, no request is responded to later. Waits until all those in progress have a
  // response, at most until the timeout. Returns false if one has none.
  bool stop(std::chrono::milliseconds timeout);

 private:
  // The requests without a response. Shared with the callbacks, which may outlive this object.
  struct Pending {
    std::mutex mutex;
    std::condition_variable changed;
    std::size_t count = 0;
    bool stopped = false;
  };

  const HttpRoute* find(const HttpRequest& request) const;
  std::variant<HttpResponse, Later> route(const HttpRequest& request) const;
  std::variant<HttpResponse, Later> counted(Later later);
  HttpResponse not_found(const HttpRequest& request) const;

  const std::vector<HttpRoute> routes_;
  const HttpObserver observer_;
  const std::unique_ptr<AccessControl> access_;
  const std::shared_ptr<Pending> pending_ = std::make_shared<Pending>();
};

}  // namespace rig
