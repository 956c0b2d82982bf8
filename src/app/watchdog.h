// Decides when to check whether this program works, and when to report that to the service manager,
// which otherwise kills and restarts it.
//
// A restart costs counters and history, and is right only if it helps. So the check is about what
// this program alone is responsible for: the threads that accept and answer requests, and the one
// that runs the scrapes. If one of them has ended, waits for a lock for ever or cannot keep up, or
// if descriptors or memory are used up, no metrics are served, and only a restart helps.
//
// These are no reasons: a collector, the GPU probe or a reload that hangs, because the kernel, a
// driver or a file server does. A thread that waits in the kernel would also keep the process, and
// so its port, after it was killed: the next one could not start. Nor are a log that nobody reads,
// so many clients that further ones are refused, or an address that a firewall or a network that is
// down separates from this machine itself.
#pragma once

#include <chrono>
#include <functional>

#include "rig/web/health_check.h"

namespace rig {

class Watchdog {
 public:
  using Clock = std::chrono::steady_clock;

  // `timeout` is that of the manager. `check` may take long or hang: nothing is reported meanwhile.
  // `report` returns false if it has to be repeated.
  Watchdog(Clock::duration timeout, std::function<Health()> check, std::function<bool()> report,
           std::function<Clock::time_point()> now = &Clock::now);

  // Checks and reports if it is time for that. Returns when to call it again: half of the timeout
  // after a check has begun, and earlier after one that has failed.
  Clock::time_point run();

 private:
  void log_change(const Health& health);

  const Clock::duration timeout_;
  const std::function<Health()> check_;
  const std::function<bool()> report_;
  const std::function<Clock::time_point()> now_;
  Clock::time_point next_;
  bool healthy_ = true;
};

}  // namespace rig
