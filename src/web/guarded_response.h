// Makes a response in a thread that must not end with an exception.
#pragma once

#include <exception>
#include <string>

#include "rig/log/log.h"
#include "rig/web/http_server.h"

namespace rig {

// An exception becomes the response, so that the request always gets one.
template <typename Make>
HttpResponse guarded_response(const Make& make) {
  try {
    return make();
  } catch (const std::exception& error) {
    log_error(std::string("http: ") + error.what());
    return {500, "text/plain; charset=utf-8", std::string(error.what()) + "\n", {}};
  }
}

}  // namespace rig
