// Finds the route of a request and makes the response.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "rig/web/http_server.h"

namespace rig {

class RequestHandler {
 public:
  RequestHandler(std::vector<HttpRoute> routes, HttpObserver observer);

  // Absent if the route responds later: then respond_later() has to be called.
  std::optional<HttpResponse> respond_now(const HttpRequest& request);

  // Calls `respond` once, in any thread, before or after it returns. `request` has to exist until
  // then.
  void respond_later(const HttpRequest& request, HttpRespond respond);

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
  HttpResponse not_found(const HttpRequest& request) const;

  const std::vector<HttpRoute> routes_;
  const HttpObserver observer_;
  const std::shared_ptr<Pending> pending_ = std::make_shared<Pending>();
};

}  // namespace rig
