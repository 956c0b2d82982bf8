#include "gpu/supervisor/restart_policy.h"

#include "gpu/constants.h"
#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

TEST_CASE("The restart delay doubles up to its maximum and is reset by a healthy uptime") {
  RestartBackoff backoff{ProbeLimits{}};
  CHECK(backoff.next_delay(1s) == 500ms);
  CHECK(backoff.next_delay(1s) == 1s);
  CHECK(backoff.next_delay(59s) == 2s);
  for (int i = 0; i < 10; ++i) backoff.next_delay(0s);
  CHECK(backoff.next_delay(0s) == 60s);
  CHECK(backoff.next_delay(60s) == 500ms);
  CHECK(backoff.next_delay(0s) == 1s);
}

TEST_CASE("The third crash within ten minutes disables rocm-smi for an hour") {
  LibraryCircuitBreaker breaker{ProbeLimits{}};
  breaker.record_failure("rocm_smi crashed", "killed by SIGSEGV", kStart);
  breaker.record_failure("rocm_smi crashed", "killed by SIGSEGV", kStart + 9min);
  CHECK_FALSE(breaker.is_open(kStart + 9min));
  breaker.record_failure("rocm_smi crashed", "killed by SIGABRT", kStart + 10min);
  CHECK(breaker.is_open(kStart + 10min));
  CHECK(breaker.reason() == "rocm_smi crashed 3 times: killed by SIGABRT");
  CHECK(breaker.is_open(kStart + 69min));
  CHECK_FALSE(breaker.is_open(kStart + 70min));
}

TEST_CASE("Crashes more than ten minutes apart do not disable rocm-smi") {
  LibraryCircuitBreaker breaker{ProbeLimits{}};
  for (int i = 0; i < 20; ++i)
    breaker.record_failure("rocm_smi crashed", "killed by SIGSEGV", kStart + i * 6min);
  CHECK_FALSE(breaker.is_open(kStart + 200min));
}

TEST_CASE("A single crash soon after rocm-smi was enabled again disables it") {
  LibraryCircuitBreaker breaker{ProbeLimits{}};
  for (int i = 0; i < 3; ++i)
    breaker.record_failure("rocm_smi crashed", "killed by SIGABRT", kStart);
  breaker.record_failure("rocm_smi crashed", "killed by SIGABRT", kStart + 61min);
  CHECK(breaker.is_open(kStart + 61min));
  CHECK(breaker.reason() == "rocm_smi crashed 4 times: killed by SIGABRT");
  breaker.record_failure("rocm_smi crashed", "killed by SIGABRT", kStart + 61min + 2h);
  CHECK_FALSE(breaker.is_open(kStart + 61min + 2h));
}
