// Whether a page of another site has made a browser send a request.
#pragma once

#include "rig/web/http_server.h"

namespace rig {

// A browser sends a POST of any page to any address that it can reach, without asking the server
// first, and with the user's stored password: the page cannot read the response, but the request
// takes effect. Browsers say which page a request is from; other clients say nothing, and are
// trusted with what they are authenticated for.
bool is_cross_origin(const HttpRequest& request);

}  // namespace rig
