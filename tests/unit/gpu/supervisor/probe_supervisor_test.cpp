#include "gpu/supervisor/probe_supervisor.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <thread>

#include "gpu/supervisor/running_probe.h"
#include "rig/kernel/files.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

long count_entries(const char* directory) {
  return std::distance(fs::directory_iterator(directory), fs::directory_iterator());
}

// True if there are neither running children nor zombies.
bool has_no_children() {
  siginfo_t info{};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == -1 && errno == ECHILD;
}

// False for a zombie as well: the new parent of an orphan may not reap it.
bool is_running(pid_t pid) {
  const auto text = read_text("/proc/" + std::to_string(pid) + "/stat");
  return text && text->find(") Z ") == text->npos;
}

// Whether `check` returns true in another process that was suspended: suspending this one would
// suspend the test.
bool holds_after_suspension(const ProbeOptions& options,
                            const std::function<bool(const ProbeSupervisor&)>& check) {
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t exporter = fork();
  if (exporter == 0) {
    ProbeSupervisor supervisor(options);
    bool good = wait_for(supervisor, has_both_readings);
    good = write(ready[1], "x", 1) == 1 && good;
    good = good && wait_for(supervisor, [](const ProbeSnapshot& snapshot) {
             return snapshot.down == "rig_exporter itself was suspended" && !snapshot.gpus;
           });
    good = good && check(supervisor);
    supervisor.stop();
    _exit(good ? 0 : 1);
  }
  close(ready[1]);  // if the child dies, read() returns
  char byte = 0;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  kill(exporter, SIGSTOP);
  std::this_thread::sleep_for(1500ms);
  kill(exporter, SIGCONT);
  int status = -1;
  REQUIRE(waitpid(exporter, &status, 0) == exporter);
  close(ready[0]);
  return status == 0;
}

}  // namespace

TEST_CASE("Readings are available until the supervisor is stopped") {
  const FakeProbe fake("good");
  ProbeSupervisor supervisor(options_for(fake.path));
  REQUIRE(wait_for(supervisor, has_both_readings));
  const auto snapshot = supervisor.snapshot();
  CHECK(snapshot.down.empty());
  CHECK(snapshot.restarts == 0);
  CHECK(snapshot.report->source == "rocm_smi");
  CHECK(snapshot.report->reason.empty());
  supervisor.stop();
  CHECK(is_empty(supervisor.snapshot()));
  CHECK(has_no_children());
}

TEST_CASE("The children of a probe that exits are killed") {
  const FakeProbe fake("has_child");
  const auto children = fake.path.string() + ".child";
  const ProbeSupervisor supervisor(options_for(fake.path));
  REQUIRE(wait_for(supervisor, [](const auto& snapshot) { return snapshot.restarts >= 1; }));
  const auto text = read_text(children);
  REQUIRE(text);
  const pid_t child = std::stoi(*text);
  const auto deadline = std::chrono::steady_clock::now() + 40s;
  while (is_running(child) && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(1ms);
  }
  CHECK_FALSE(is_running(child));
}

TEST_CASE("Readings that arrived while the exporter was suspended are discarded") {
  const FakeProbe fake("good");
  auto options = options_for(fake.path);
  options.limits.suspend_threshold = 100ms;
  options.sample_interval = 2s;  // for so long it can be seen that they are discarded
  CHECK(holds_after_suspension(options, [](const ProbeSupervisor& supervisor) {
    return wait_for(supervisor, has_both_readings) && supervisor.snapshot().restarts == 0;
  }));
}

TEST_CASE("A sample that is requested after the exporter was suspended arrives") {
  const FakeProbe fake("at_requests");
  auto options = options_for(fake.path);
  options.sample_interval = kAtRequests;
  options.limits.suspend_threshold = 100ms;
  CHECK(holds_after_suspension(options, [](const ProbeSupervisor& supervisor) {
    supervisor.request_sample();
    return wait_for(supervisor, [](const ProbeSnapshot& snapshot) {
      return edge_celsius(snapshot, "0000:03:00.0").has_value();
    });
  }));
}

TEST_CASE("Fifty restarts leak no threads, file descriptors or zombies") {
  {  // creates what is created only once
    const FakeProbe fake("good");
    const ProbeSupervisor first(options_for(fake.path));
    REQUIRE(wait_for(first, has_both_readings));
  }
  const long threads = count_entries("/proc/self/task");
  const long fds = count_entries("/proc/self/fd");
  {
    const FakeProbe fake("exits");
    ProbeSupervisor supervisor(options_for(fake.path));
    REQUIRE(wait_for(supervisor, [](const auto& snapshot) { return snapshot.restarts >= 50; }));
    supervisor.stop();
    CHECK(has_no_children());
  }
  // The kernel lists a thread that has been joined for a moment longer.
  const auto deadline = std::chrono::steady_clock::now() + 40s;
  while (count_entries("/proc/self/task") > threads && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(1ms);
  CHECK(count_entries("/proc/self/task") == threads);
  CHECK(count_entries("/proc/self/fd") == fds);
}

TEST_CASE("A probe that ignores SIGTERM and its closed input is killed") {
  const FakeProbe fake("ignores_sigterm");
  ProbeSupervisor supervisor(options_for(fake.path));
  REQUIRE(wait_for(supervisor, has_both_readings));
  const auto before = std::chrono::steady_clock::now();
  supervisor.stop();
  CHECK(std::chrono::steady_clock::now() - before < 10s);
  CHECK(has_no_children());
}

TEST_CASE("At most three unkillable probes are left behind") {
  const FakeProbe fake("mute");
  auto options = options_for(fake.path);
  options.limits.output_timeout = 100ms;
  std::atomic<int> signals = 0;
  std::atomic<bool> killable = false;
  options.send_signal = [&](pid_t pid, int number) {
    ++signals;
    return killable ? kill(pid, number) : 0;
  };
  ProbeSupervisor supervisor(options);
  REQUIRE(wait_for(supervisor, [](const auto& snapshot) { return !snapshot.startable; }));
  CHECK_THAT(supervisor.snapshot().down,
             ContainsSubstring("3 earlier processes are hung in the kernel"));
  CHECK(supervisor.snapshot().restarts == 2);
  CHECK(signals > 0);

  // Once they have exited, the probe is restarted.
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    const auto children = read_text(task.path() / "children");
    if (!children) continue;
    std::size_t used = 0;
    for (std::string_view left = *children; left.find_first_of("0123456789") != left.npos;
         left.remove_prefix(used)) {
      kill(std::stoi(std::string(left), &used), SIGKILL);
    }
  }
  killable = true;
  CHECK(wait_for(supervisor, [](const auto& snapshot) { return snapshot.restarts > 2; }));
  supervisor.stop();
  CHECK(has_no_children());
}

TEST_CASE("A missing program is reported until it is installed") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "good";
  const ProbeSupervisor supervisor(options_for(path));
  REQUIRE(wait_for(supervisor, [](const auto& snapshot) { return !snapshot.startable; }));
  CHECK_THAT(supervisor.snapshot().down, ContainsSubstring(path.string()));
  CHECK_THAT(supervisor.snapshot().down, ContainsSubstring("--gpu.probe"));
  fs::create_symlink(RIG_FAKE_PROBE, path);
  REQUIRE(wait_for(supervisor, has_both_readings));
  CHECK(supervisor.snapshot().startable);
  CHECK(supervisor.snapshot().restarts == 0);
}

TEST_CASE("The child has default signals, a filtered environment and no inherited files") {
  const FakeProbe fake("records_environment");
  const auto leak = fake.directory.write("leak", "");
  const int descriptor = open(leak.c_str(), O_RDONLY);  // not close-on-exec, as a library may do
  setenv("RSMI_DEBUG_INFINITE_LOOP", "1", 1);
  setenv("RIG_TEST_VARIABLE", "1", 1);
  const auto pipe_before = signal(SIGPIPE, SIG_IGN);
  auto options = options_for(fake.path);
  options.host.sys = "/elsewhere/sys";
  options.host.proc = "/elsewhere/proc";
  options.host.root = "/elsewhere";
  options.processes = 7;
  options.sample_interval = 250ms;
  {
    const ProbeSupervisor supervisor(options);
    REQUIRE(wait_for(supervisor, has_both_readings));
  }
  signal(SIGPIPE, pipe_before);
  unsetenv("RSMI_DEBUG_INFINITE_LOOP");
  unsetenv("RIG_TEST_VARIABLE");
  close(descriptor);
  CHECK(read_text(fake.path.string() + ".environment").get() ==
        "--follow-stdin --sample-interval=250ms --max-cpu=5 --path.sysfs=/elsewhere/sys "
        "--path.procfs=/elsewhere/proc --path.rootfs=/elsewhere --processes=7 "
        "--source=auto\nRIG_TEST_VARIABLE\n");
}

TEST_CASE("A probe without a sample interval is silent until a sample is requested") {
  const FakeProbe fake("at_requests");
  auto options = options_for(fake.path);
  options.sample_interval = kAtRequests;
  options.limits.output_timeout = 100ms * kSlowdown;
  const ProbeSupervisor supervisor(options);
  REQUIRE(wait_for(supervisor, has_both_readings));
  for (const double celsius : {28.0, 29.0, 30.0}) {
    std::this_thread::sleep_for(2 * options.limits.output_timeout);
    supervisor.request_sample();
    CHECK(wait_for(supervisor, [&](const ProbeSnapshot& snapshot) {
      return edge_celsius(snapshot, "0000:03:00.0") == celsius;
    }));
  }
  CHECK(supervisor.snapshot().restarts == 0);
}
