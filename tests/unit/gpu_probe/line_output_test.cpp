#include "gpu_probe/line_output.h"

#include <signal.h>
#include <unistd.h>

#include <thread>

#include "gpu_probe/fake_gpu_library.h"
#include "gpu_probe/probe_output.h"
#include "support/catch.h"

using namespace rig;

TEST_CASE("A write to a closed pipe reports EPIPE") {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  close(ends[0]);
  const auto old = signal(SIGPIPE, SIG_IGN);
  int error = 0;
  LineOutput output(ends[1], [&](int number) { error = number; });
  output.write(GpuList{});
  CHECK(error == EPIPE);
  close(ends[1]);
  signal(SIGPIPE, old);
}

TEST_CASE("Lines of concurrent threads are not interleaved") {
  Output output;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&output, i] {
      auto reading = reading_of(std::to_string(i));
      reading.problems = {{Reason::failed, {}, std::string(5000, 'x')}};
      for (int n = 0; n < 50; ++n) output.lines().write(reading);
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(output.all<GpuReading>().size() == 200);
}
