#include "web/live_page.h"

#include <optional>
#include <string>

#include "web/gzip.h"
#include "web/live_page_document.h"

namespace rig {

HttpResponse live_page(const HttpRequest& request) {
  HttpResponse response;
  response.content_type = "text/html; charset=utf-8";
  response.headers = {
      {"Content-Security-Policy", std::string(live_page_policy())},
      // After an update of the exporter, an old page may not understand its values.
      {"Cache-Control", "no-cache"},
      {"Vary", "Accept-Encoding"},
  };
  if (accepts_gzip(request.list_header("Accept-Encoding"))) {
    static const std::optional<HttpBody> packed = gzip(live_page_document());
    if (packed) {
      response.body = *packed;
      response.headers.emplace_back("Content-Encoding", "gzip");
      return response;
    }
  }
  response.body = live_page_document();
  return response;
}

}  // namespace rig
