// Runs a check in a process that cannot create threads.
#pragma once

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <system_error>
#include <thread>

namespace rig {

// False with the thread sanitizer, which supports no threads in a child process. Tests return
// early.
#ifdef RIG_THREAD_SANITIZER
inline constexpr bool kThreadsCanBeLimited = false;
#else
inline constexpr bool kThreadsCanBeLimited = true;
#endif

// Whether `check` returns true in a child process whose address space is limited. What `check` uses
// has to be created by `check` itself, which is called after all memory for stacks has been used.
// `before` is called before that.
inline bool holds_without_threads(
    const std::function<bool()>& check, const std::function<void()>& before = [] {}) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(60);
    before();
    std::size_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlim_t limit = pages * static_cast<rlim_t>(sysconf(_SC_PAGESIZE)) + (64UL << 20U);
    const rlimit memory{limit, limit};
    setrlimit(RLIMIT_AS, &memory);
    try {
      while (true) std::thread([] { pause(); }).detach();
    } catch (const std::system_error&) {
    }
    _exit(check() ? 0 : 1);
  }
  int status = -1;
  return waitpid(child, &status, 0) == child && status == 0;
}

}  // namespace rig
