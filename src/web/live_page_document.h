// The document of the live page, which embed.cmake writes during the build.
#pragma once

#include <string_view>

namespace rig {

std::string_view live_page_document();  // UTF-8

// The Content-Security-Policy that allows the document's own style and script, and requests to the
// server that it came from.
std::string_view live_page_policy();

}  // namespace rig
