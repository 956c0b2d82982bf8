#include "rig/threads/thread_name.h"

#include <pthread.h>

namespace rig {

void set_thread_name(const std::string& name) {
  constexpr std::size_t kLongestThreadName = 15;
  pthread_setname_np(pthread_self(), name.substr(0, kLongestThreadName).c_str());
}

}  // namespace rig
