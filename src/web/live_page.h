// The page that shows the machine in a browser. It is one document that contains everything and
// gets its values from /api/v1/live and /api/v1/history, relative to its own address.
#pragma once

#include "rig/web/http_server.h"

namespace rig {

// Compressed if the client accepts gzip. May be called from any thread.
HttpResponse live_page(const HttpRequest& request);

}  // namespace rig
