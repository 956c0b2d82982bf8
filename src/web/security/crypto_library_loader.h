// Loads rig_tls.so.
#pragma once

#include "web/security/crypto_library.h"

namespace rig {

// Loads the module at the first call. Throws ConfigError that says what is missing and what to do;
// the next call tries again.
const CryptoLibrary& crypto_library();

}  // namespace rig
