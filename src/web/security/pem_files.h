// The files that a web configuration names.
#pragma once

#include "rig/config/web_config.h"

namespace rig {

// With the contents of its files as texts. Throws ConfigError if one cannot be read.
WebConfig::Tls with_pem_texts(WebConfig::Tls tls);

}  // namespace rig
