#include "gpu_probe/sample_pacing.h"

#include <chrono>

#include "support/catch.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

// A process each of whose rounds takes the same CPU time.
class Rounds {
 public:
  explicit Rounds(double cpu_share, std::chrono::milliseconds interval = 1000ms)
      : pacing_(interval, cpu_share) {}

  std::chrono::milliseconds interval_after(int rounds, SamplePacing::Duration each,
                                           std::size_t gpus = 64) {
    for (int i = 0; i < rounds; ++i) pacing_.update(cpu_time_ += each, gpus);
    return pacing_.interval();
  }

 private:
  SamplePacing pacing_;
  SamplePacing::Duration cpu_time_{};
};

}  // namespace

TEST_CASE("GPUs are sampled at the interval as long as the CPU time suffices") {
  CHECK(Rounds(0.05).interval_after(0, 0ms) == 1000ms);
  CHECK(Rounds(0.05).interval_after(100, 49ms) == 1000ms);
  CHECK(Rounds(0.05, 100ms).interval_after(100, 4ms) == 100ms);
}

TEST_CASE("Rounds that need more CPU time become less frequent, by quarters of the interval") {
  CHECK(Rounds(0.05).interval_after(100, 51ms) == 1250ms);
  CHECK(Rounds(0.05).interval_after(100, 70ms) == 1500ms);
  CHECK(Rounds(0.05, 200ms).interval_after(100, 14ms) == 300ms);
}

TEST_CASE("Rounds are at most two and a half intervals apart") {
  CHECK(Rounds(0.05).interval_after(100, 10s) == 2500ms);
  CHECK(Rounds(0.0001).interval_after(100, 1000s) == 2500ms);
}

TEST_CASE("Few GPUs, or any without a limit, are sampled at the interval") {
  CHECK(Rounds(0.05).interval_after(100, 10s, 8) == 1000ms);
  CHECK(Rounds(0.05).interval_after(100, 10s, 9) == 2500ms);
  CHECK(Rounds(0).interval_after(100, 10s) == 1000ms);
}

TEST_CASE("The interval follows the number of GPUs and what they need") {
  Rounds rounds(0.05);
  CHECK(rounds.interval_after(100, 99ms) == 2000ms);
  CHECK(rounds.interval_after(1, 99ms, 4) == 1000ms);
  CHECK(rounds.interval_after(1, 99ms) == 2000ms);
  CHECK(rounds.interval_after(100, 30ms) == 1000ms);
}

TEST_CASE("A need that varies a little does not change the interval back and forth") {
  Rounds rounds(0.05);
  REQUIRE(rounds.interval_after(100, 60ms) == 1250ms);
  CHECK(rounds.interval_after(100, 52ms) == 1250ms);
  CHECK(rounds.interval_after(100, 61ms) == 1250ms);
}

TEST_CASE("The start of the program does not count") {
  Rounds rounds(0.05);
  CHECK(rounds.interval_after(5, 10s) == 1000ms);
  CHECK(rounds.interval_after(1, 40ms) == 1000ms);
}

TEST_CASE("The CPU time of the process grows") {
  const auto before = process_cpu_time();
  while (process_cpu_time() == before) {
  }
  CHECK(process_cpu_time() > before);
}
