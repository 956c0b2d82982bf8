// Invariants for any input: the fuzzer saves an input that violates one.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace rig {

inline void require(bool holds, const char* invariant) {
  if (holds) return;
  std::fprintf(stderr, "violated: %s\n", invariant);
  std::abort();
}

}  // namespace rig
