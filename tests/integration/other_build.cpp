// A rig_tls.so of another build.
#include <cstdlib>

#include "web/security/crypto_library.h"

namespace {

rig::CryptoLibrary* must_not_be_called(const rig::CryptoLog& /*log*/) { std::abort(); }

}  // namespace

extern "C" {
extern const rig::CryptoModule rig_crypto_module __attribute__((visibility("default")));
const rig::CryptoModule rig_crypto_module{"9.8.7", "0123456789ab", "a compiler",
                                          &must_not_be_called};
}
