// The headers of a response that say what browsers may do with it.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rig/config/web_config.h"
#include "rig/web/http_server.h"

namespace rig {

// The headers of the response, those of the web configuration unless the response has them, and
// ours unless either has them. An empty value in the web configuration omits a header. `config` may
// be null.
std::vector<std::pair<std::string, std::string>> response_headers(const HttpResponse& response,
                                                                  const WebConfig* config);

}  // namespace rig
