// What must hold whatever text comes in: the fuzzer keeps a text for which it does not.
#pragma once

#include <cstdio>
#include <cstdlib>

namespace rig {

inline void must(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

}  // namespace rig
