// Which versions, cipher suites and curves GnuTLS may use, from the names in a web configuration.
// Part of rig_tls.so.
#pragma once

#include <gnutls/gnutls.h>

#include <memory>
#include <type_traits>

#include "rig/config/web_config.h"

namespace rig {

using TlsPriorities = std::shared_ptr<std::remove_pointer_t<gnutls_priority_t>>;

// `key` is the algorithm of the certificate's key: suites for other keys are not used.
//
// GnuTLS is told ciphers, key exchanges and MACs, not suites, and not per version. Throws
// ConfigError if it would use a suite that is not listed, if no suite is left, or for a name that
// it does not know.
TlsPriorities make_tls_priorities(const WebConfig::Tls& tls, gnutls_pk_algorithm_t key);

}  // namespace rig
