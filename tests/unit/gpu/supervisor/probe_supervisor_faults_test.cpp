#include <signal.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "gpu/supervisor/probe_supervisor.h"
#include "gpu/supervisor/running_probe.h"
#include "rig/kernel/files.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// Waits until the probe has failed as described by `down` and was restarted.
void check_failure(const std::string& fault, const std::string& down) {
  const FakeProbe fake(fault);
  const ProbeSupervisor supervisor(options_for(fake.path));
  std::string last_down;
  CHECK(wait_for(supervisor, [&](const ProbeSnapshot& snapshot) {
    if (snapshot.down.empty()) return false;
    last_down = snapshot.down;
    return is_empty(snapshot) && last_down.find(down) != last_down.npos;
  }));
  CHECK_THAT(last_down, ContainsSubstring(down));
  CHECK(wait_for(supervisor, [](const ProbeSnapshot& snapshot) { return snapshot.restarts >= 2; }));
}

pid_t only_child() {
  const auto text = read_text("/proc/thread-self/children");
  if (text && !text->empty()) return std::stoi(*text);
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    const auto children = read_text(task.path() / "children");
    if (children && !children->empty()) return std::stoi(*children);
  }
  return -1;
}

}  // namespace

TEST_CASE("A probe that is killed by a user is restarted with rocm-smi each time") {
  const FakeProbe fake("good");
  const ProbeSupervisor supervisor(options_for(fake.path));
  for (std::uint64_t times = 1; times <= 5; ++times) {
    REQUIRE(wait_for(supervisor, has_both_readings));
    const pid_t child = only_child();
    REQUIRE(child > 0);
    REQUIRE(kill(child, SIGKILL) == 0);
    REQUIRE(wait_for(supervisor, [&](const auto& snapshot) { return snapshot.restarts == times; }));
  }
  REQUIRE(wait_for(supervisor, has_both_readings));
  CHECK(supervisor.snapshot().report->source == "rocm_smi");
}

TEST_CASE("A probe without a sample interval that does not answer a request is restarted") {
  const FakeProbe fake("stops_writing");
  auto options = options_for(fake.path);
  options.sample_interval = kAtRequests;
  options.limits.output_timeout = 100ms * kSlowdown;
  const ProbeSupervisor supervisor(options);
  REQUIRE(wait_for(supervisor, has_both_readings));
  supervisor.request_sample();
  CHECK(wait_for(supervisor, [](const ProbeSnapshot& snapshot) { return snapshot.restarts >= 1; }));
}

TEST_CASE("The readings of a killed probe are discarded at once") {
  const FakeProbe fake("good");
  auto options = options_for(fake.path);
  options.limits.min_backoff = 1h;
  options.limits.max_backoff = 1h;
  const ProbeSupervisor supervisor(options);
  REQUIRE(wait_for(supervisor, has_both_readings));
  REQUIRE(kill(only_child(), SIGKILL) == 0);
  REQUIRE(wait_for(supervisor, is_empty));
  REQUIRE(wait_for(supervisor, [](const auto& snapshot) {
    return snapshot.down == "rig_gpu_probe was killed by SIGKILL";
  }));
  CHECK(supervisor.snapshot().restarts == 0);
}

TEST_CASE("The readings of a probe that stops writing are discarded, and it is restarted") {
  const FakeProbe fake("stops_writing");
  auto options = options_for(fake.path);
  options.limits.output_timeout = kSlowdown * 500ms;
  options.limits.max_library_failures = 1000;
  const ProbeSupervisor supervisor(options);
  REQUIRE(wait_for(supervisor, has_both_readings));
  REQUIRE(wait_for(supervisor, [](const auto& snapshot) {
    return is_empty(snapshot) && snapshot.down.starts_with("rig_gpu_probe produced no output for ");
  }));
  CHECK(wait_for(supervisor, [](const auto& snapshot) { return snapshot.restarts >= 1; }));
  CHECK(wait_for(supervisor, has_both_readings));
}

TEST_CASE("A probe that never writes is restarted") {
  const FakeProbe fake("mute");
  auto options = options_for(fake.path);
  options.limits.output_timeout = 50ms;
  const ProbeSupervisor supervisor(options);
  CHECK(wait_for(supervisor, [](const auto& snapshot) { return snapshot.restarts >= 3; }));
  CHECK(is_empty(supervisor.snapshot()));
}

TEST_CASE("The output timeout is extended for a long sample interval") {
  const FakeProbe fake("stops_writing");
  auto options = options_for(fake.path);
  options.limits.output_timeout = 1ms;
  options.sample_interval = 1h;
  const ProbeSupervisor supervisor(options);
  REQUIRE(wait_for(supervisor, has_both_readings));
  std::this_thread::sleep_for(50ms);
  CHECK(has_both_readings(supervisor.snapshot()));
}

TEST_CASE("A probe that exits at once is restarted") {
  check_failure("exits", "exited with status 1");
}

TEST_CASE("A probe that writes only malformed lines is restarted") {
  check_failure("writes_garbage", "wrote too many malformed lines");
}

TEST_CASE("Malformed lines between valid ones are skipped") {
  const FakeProbe fake("writes_some_garbage");
  const ProbeSupervisor supervisor(options_for(fake.path));
  REQUIRE(wait_for(supervisor, [](const ProbeSnapshot& snapshot) {
    return snapshot.report && snapshot.report->reason == "done";
  }));
  CHECK(supervisor.snapshot().restarts == 0);
  CHECK(wait_for(supervisor, has_both_readings));
}

TEST_CASE("A probe that closes its output without exiting is restarted") {
  check_failure("closes_output", "closed its standard output");
}

TEST_CASE("A probe that writes a line of 10 MB is restarted") {
  check_failure("long_line", "wrote a line longer than 1048576 bytes");
}

TEST_CASE("An incomplete last line is discarded") {
  const FakeProbe fake("half_line");
  const ProbeSupervisor supervisor(options_for(fake.path));
  std::atomic<bool> seen = false;
  CHECK(wait_for(supervisor, [&](const ProbeSnapshot& snapshot) {
    if (edge_celsius(snapshot, "0000:03:00.0") == 99.0) seen = true;
    return snapshot.restarts >= 3;
  }));
  CHECK_FALSE(seen);
}

TEST_CASE("A flood of messages on standard error does not delay readings") {
  const FakeProbe fake("floods_stderr");
  const ProbeSupervisor supervisor(options_for(fake.path));
  REQUIRE(wait_for(supervisor, has_both_readings));
  const auto first = supervisor.snapshot().listed_at;
  CHECK(wait_for(supervisor, [&](const auto& s) { return s.listed_at > first + 200ms; }));
  CHECK(supervisor.snapshot().restarts == 0);
}

TEST_CASE("A flood of messages or lines does not end the probe") {
  const FakeProbe fake(GENERATE("floods_stderr", "floods_output"));
  const ProbeSupervisor supervisor(options_for(fake.path));
  REQUIRE(wait_for(supervisor, [](const auto& snapshot) { return snapshot.gpus.has_value(); }));
  std::this_thread::sleep_for(1s);
  CHECK(supervisor.snapshot().restarts == 0);
}

TEST_CASE(
    "After three crashes the probe runs without rocm-smi and the report contains the reason") {
  const FakeProbe fake("aborts");
  const ProbeSupervisor supervisor(options_for(fake.path));
  REQUIRE(wait_for(supervisor, [](const ProbeSnapshot& snapshot) {
    return has_both_readings(snapshot) && snapshot.report->source == "sysfs";
  }));
  const auto snapshot = supervisor.snapshot();
  CHECK(snapshot.restarts == 3);
  CHECK(snapshot.report->reason == "rocm_smi crashed 3 times: killed by SIGABRT");
}

TEST_CASE("After three hangs the probe runs without rocm-smi, which is retried later") {
  const FakeProbe fake("hangs_in_library");
  auto options = options_for(fake.path);
  options.limits.output_timeout = kSlowdown * 300ms;
  options.limits.library_retry_after = kSlowdown * 1s;
  const ProbeSupervisor supervisor(options);
  const auto without = [](const std::string& reason) {
    return [reason](const ProbeSnapshot& snapshot) {
      return has_both_readings(snapshot) && snapshot.report->reason.starts_with(reason);
    };
  };
  REQUIRE(wait_for(supervisor, without("rocm_smi hung 3 times: produced no output for ")));
  REQUIRE(wait_for(supervisor, [](const ProbeSnapshot& snapshot) {
    return snapshot.report && snapshot.report->source == "rocm_smi";
  }));
  CHECK(wait_for(supervisor, without("rocm_smi hung 4 times: produced no output for ")));
}
