// Runs an operation whose exceptions are problems.
#pragma once

#include <exception>
#include <functional>
#include <new>
#include <string>

#include "rig/kernel/read_result.h"

namespace rig {

// Needs no memory.
inline Problem out_of_memory() { return {Reason::failed, {}, "out of memory"}; }

// Calls `work` and converts an exception to a problem of `path`.
template <typename T>
ReadResult<T> run_guarded(const std::function<ReadResult<T>()>& work, const std::string& path) {
  try {
    try {
      return work();
    } catch (const ReadError& error) {
      return error.problem();
    } catch (const std::exception& error) {
      return Problem{Reason::failed, path, error.what()};
    }
  } catch (const std::bad_alloc&) {  // there was no memory for the problem
    return out_of_memory();
  }
}

}  // namespace rig
