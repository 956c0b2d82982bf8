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

#include "rig/kernel/files.h"
#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace rig;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

// A folder with the fake probe under the name that says what is wrong with it.
struct Fake {
  explicit Fake(const std::string& fault) : path(folder.path() / fault) {
    fs::create_symlink(RIG_FAKE_PROBE, path);
  }
  TemporaryFolder folder;
  fs::path path;
};

// Patient where a test is not about patience, in a hurry where it only repeats.
ProbeOptions options_for(const fs::path& probe) {
  ProbeOptions options;
  options.probe = probe.string();
  options.sample_interval = 20ms;
  options.limits.silence = 30s;
  options.limits.first_pause = 1ms;
  options.limits.longest_pause = 5ms;
  return options;
}

bool wait_for(const ProbeSupervisor& probe,
              const std::function<bool(const ProbeSnapshot&)>& enough) {
  return probe.wait(std::chrono::steady_clock::now() + 40s, enough);
}

std::optional<double> edge_celsius(const ProbeSnapshot& snapshot, const char* address) {
  if (!snapshot.gpus) return std::nullopt;
  const auto gpu = snapshot.gpus->find(address);
  if (gpu == snapshot.gpus->end() || !gpu->second.reading) return std::nullopt;
  const auto& temperatures = gpu->second.reading->temperature_celsius;
  const auto edge = temperatures.find("edge");
  return edge == temperatures.end() ? std::nullopt : std::optional(edge->second);
}

bool hears_both(const ProbeSnapshot& snapshot) {
  return snapshot.report && edge_celsius(snapshot, "0000:03:00.0") == 27.0 &&
         edge_celsius(snapshot, "0000:06:00.0") == 28.0;
}

bool knows_nothing(const ProbeSnapshot& snapshot) { return !snapshot.report && !snapshot.gpus; }

// Waits until the probe has failed in the way that `down` tells, and was started again.
void check_failure(const std::string& fault, const std::string& down) {
  const Fake fake(fault);
  const ProbeSupervisor probe(options_for(fake.path));
  std::string seen;
  CHECK(wait_for(probe, [&](const ProbeSnapshot& snapshot) {
    if (snapshot.down.empty()) return false;
    seen = snapshot.down;
    return knows_nothing(snapshot) && seen.find(down) != seen.npos;
  }));
  CHECK_THAT(seen, ContainsSubstring(down));
  CHECK(wait_for(probe, [](const ProbeSnapshot& snapshot) { return snapshot.restarts >= 2; }));
}

long entries(const char* folder) {
  return std::distance(fs::directory_iterator(folder), fs::directory_iterator());
}

// Neither running children nor zombies.
bool has_no_children() {
  siginfo_t info{};
  return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == -1 && errno == ECHILD;
}

// False for a zombie too: who inherits an orphan need not reap it.
bool is_running(pid_t pid) {
  const auto text = read_file("/proc/" + std::to_string(pid) + "/stat");
  return text && text->find(") Z ") == text->npos;
}

pid_t only_child() {
  const auto text = read_file("/proc/thread-self/children");
  if (text && !text->empty()) return std::stoi(*text);
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    const auto children = read_file(task.path() / "children");
    if (children && !children->empty()) return std::stoi(*children);
  }
  return -1;
}

}  // namespace

TEST_CASE("What the probe says is known until it is stopped, and nothing after that") {
  const Fake fake("good");
  ProbeSupervisor probe(options_for(fake.path));
  REQUIRE(wait_for(probe, hears_both));
  const auto snapshot = probe.snapshot();
  CHECK(snapshot.down.empty());
  CHECK(snapshot.restarts == 0);
  CHECK(snapshot.report->source == "rocm_smi");
  CHECK(snapshot.report->reason.empty());
  probe.stop();
  CHECK(knows_nothing(probe.snapshot()));
  CHECK(has_no_children());
}

TEST_CASE("A probe killed by somebody is started again, with rocm-smi however often it happens") {
  const Fake fake("good");
  const ProbeSupervisor probe(options_for(fake.path));
  for (std::uint64_t times = 1; times <= 5; ++times) {
    REQUIRE(wait_for(probe, hears_both));
    const pid_t child = only_child();
    REQUIRE(child > 0);
    REQUIRE(kill(child, SIGKILL) == 0);
    REQUIRE(wait_for(probe, [&](const auto& snapshot) { return snapshot.restarts == times; }));
  }
  REQUIRE(wait_for(probe, hears_both));
  CHECK(probe.snapshot().report->source == "rocm_smi");
}

TEST_CASE("The readings of a killed probe are gone at once, not when the next one starts") {
  const Fake fake("good");
  auto options = options_for(fake.path);
  options.limits.first_pause = 1h;
  options.limits.longest_pause = 1h;
  const ProbeSupervisor probe(options);
  REQUIRE(wait_for(probe, hears_both));
  REQUIRE(kill(only_child(), SIGKILL) == 0);
  REQUIRE(wait_for(probe, knows_nothing));
  REQUIRE(wait_for(probe, [](const auto& snapshot) {
    return snapshot.down == "rig_gpu_probe was killed by SIGKILL";
  }));
  CHECK(probe.snapshot().restarts == 0);
}

TEST_CASE("A probe that goes silent loses its readings and is started again") {
  const Fake fake("goes_silent");
  auto options = options_for(fake.path);
  options.limits.silence = 500ms;
  options.limits.library_failures = 1000;
  const ProbeSupervisor probe(options);
  REQUIRE(wait_for(probe, hears_both));
  REQUIRE(wait_for(probe, [](const auto& snapshot) {
    return knows_nothing(snapshot) && snapshot.down == "rig_gpu_probe said nothing for 0.5 s";
  }));
  CHECK(wait_for(probe, [](const auto& snapshot) { return snapshot.restarts >= 1; }));
  CHECK(wait_for(probe, hears_both));
}

TEST_CASE("A probe that never says a word is started again") {
  const Fake fake("mute");
  auto options = options_for(fake.path);
  options.limits.silence = 50ms;
  const ProbeSupervisor probe(options);
  CHECK(wait_for(probe, [](const auto& snapshot) { return snapshot.restarts >= 3; }));
  CHECK(knows_nothing(probe.snapshot()));
}

TEST_CASE("Silence is measured against a long sample interval") {
  const Fake fake("goes_silent");
  auto options = options_for(fake.path);
  options.limits.silence = 1ms;
  options.sample_interval = 1h;
  const ProbeSupervisor probe(options);
  REQUIRE(wait_for(probe, hears_both));
  std::this_thread::sleep_for(50ms);
  CHECK(hears_both(probe.snapshot()));
}

TEST_CASE("A probe that exits at once is started again") {
  check_failure("exits", "exited with status 1");
}

TEST_CASE("A probe that babbles is started again") {
  check_failure("babbles", "wrote lines that make no sense");
}

TEST_CASE("A probe that closes its output and lives on is ended and started again") {
  check_failure("closes_output", "closed its standard output");
}

TEST_CASE("A line of 10 MB is not kept in memory: the probe is started again") {
  check_failure("long_line", "wrote a line of more than 1048576 bytes");
}

TEST_CASE("A probe that dies with a child holding its pipes takes the child with it") {
  const Fake fake("has_child");
  const auto children = fake.path.string() + ".child";
  const ProbeSupervisor probe(options_for(fake.path));
  REQUIRE(wait_for(probe, [](const auto& snapshot) { return snapshot.restarts >= 1; }));
  const auto text = read_file(children);
  REQUIRE(text);
  const pid_t child = std::stoi(*text);
  const auto patience = std::chrono::steady_clock::now() + 40s;
  while (is_running(child) && std::chrono::steady_clock::now() < patience) {
    std::this_thread::sleep_for(1ms);
  }
  CHECK_FALSE(is_running(child));
}

TEST_CASE("Senseless lines among good ones are passed over, however many there are in all") {
  const Fake fake("stammers");
  const ProbeSupervisor probe(options_for(fake.path));
  REQUIRE(wait_for(probe, [](const ProbeSnapshot& snapshot) {
    return snapshot.report && snapshot.report->reason == "stammered";
  }));
  CHECK(probe.snapshot().restarts == 0);
  CHECK(wait_for(probe, hears_both));
}

TEST_CASE("Half a line at the end is no reading") {
  const Fake fake("half_line");
  const ProbeSupervisor probe(options_for(fake.path));
  std::atomic<bool> seen = false;
  CHECK(wait_for(probe, [&](const ProbeSnapshot& snapshot) {
    if (edge_celsius(snapshot, "0000:03:00.0") == 99.0) seen = true;
    return snapshot.restarts >= 3;
  }));
  CHECK_FALSE(seen);
}

TEST_CASE("A flood on standard error does not hold up the readings") {
  const Fake fake("floods_errors");
  const ProbeSupervisor probe(options_for(fake.path));
  REQUIRE(wait_for(probe, hears_both));
  const auto first = probe.snapshot().listed_at;
  CHECK(wait_for(probe, [&](const auto& s) { return s.listed_at > first + 200ms; }));
  CHECK(probe.snapshot().restarts == 0);
}

TEST_CASE("After three aborts the probe runs without rocm-smi and says why") {
  const Fake fake("aborts");
  const ProbeSupervisor probe(options_for(fake.path));
  REQUIRE(wait_for(probe, [](const ProbeSnapshot& snapshot) {
    return hears_both(snapshot) && snapshot.report->source == "sysfs";
  }));
  const auto snapshot = probe.snapshot();
  CHECK(snapshot.restarts == 3);
  CHECK(snapshot.report->reason == "rocm_smi crashed 3 times: killed by SIGABRT");
}

TEST_CASE("After three silences the probe runs without rocm-smi, and later tries it again") {
  const Fake fake("hangs_in_library");
  auto options = options_for(fake.path);
  options.limits.silence = 300ms;
  options.limits.library_again = 1s;
  const ProbeSupervisor probe(options);
  const auto without = [](const std::string& reason) {
    return [reason](const ProbeSnapshot& snapshot) {
      return hears_both(snapshot) && snapshot.report->reason == reason;
    };
  };
  REQUIRE(wait_for(probe, without("rocm_smi hung 3 times: said nothing for 0.3 s")));
  REQUIRE(wait_for(probe, [](const ProbeSnapshot& snapshot) {
    return snapshot.report && snapshot.report->source == "rocm_smi";
  }));
  CHECK(wait_for(probe, without("rocm_smi hung 4 times: said nothing for 0.3 s")));
}

TEST_CASE("What lay in the pipe while we were stopped ourselves is not taken for news") {
  const Fake fake("good");
  auto options = options_for(fake.path);
  options.limits.oversleep = 100ms;
  int ready[2];
  REQUIRE(pipe(ready) == 0);
  const pid_t exporter = fork();  // a process to stop that is not the one a person may watch
  if (exporter == 0) {
    ProbeSupervisor probe(options);
    bool good = wait_for(probe, hears_both);
    good = write(ready[1], "x", 1) == 1 && good;
    good =
        good && wait_for(probe, [](const ProbeSnapshot& snapshot) {
          return snapshot.down == "rig_exporter itself was stopped for a while" && !snapshot.gpus;
        });
    good = good && wait_for(probe, hears_both) && probe.snapshot().restarts == 0;
    probe.stop();
    _exit(good ? 0 : 1);
  }
  char byte = 0;
  REQUIRE(read(ready[0], &byte, 1) == 1);
  kill(exporter, SIGSTOP);
  std::this_thread::sleep_for(1500ms);
  kill(exporter, SIGCONT);
  int status = -1;
  REQUIRE(waitpid(exporter, &status, 0) == exporter);
  CHECK(status == 0);
  close(ready[0]);
  close(ready[1]);
}

TEST_CASE("Fifty restarts leave no thread, descriptor or zombie") {
  {  // whatever is made once, is made now
    const Fake fake("good");
    const ProbeSupervisor first(options_for(fake.path));
    REQUIRE(wait_for(first, hears_both));
  }
  const long threads = entries("/proc/self/task");
  const long descriptors = entries("/proc/self/fd");
  {
    const Fake fake("exits");
    ProbeSupervisor probe(options_for(fake.path));
    REQUIRE(wait_for(probe, [](const auto& snapshot) { return snapshot.restarts >= 50; }));
    probe.stop();
    CHECK(has_no_children());
  }
  CHECK(entries("/proc/self/task") == threads);
  CHECK(entries("/proc/self/fd") == descriptors);
}

TEST_CASE("A probe that ignores SIGTERM and its closed input is stopped all the same") {
  const Fake fake("stubborn");
  ProbeSupervisor probe(options_for(fake.path));
  REQUIRE(wait_for(probe, hears_both));
  const auto before = std::chrono::steady_clock::now();
  probe.stop();
  CHECK(std::chrono::steady_clock::now() - before < 10s);
  CHECK(has_no_children());
}

TEST_CASE("Probes that cannot be killed are not waited for, and at most three are left so") {
  const Fake fake("mute");
  auto options = options_for(fake.path);
  options.limits.silence = 100ms;
  std::atomic<int> signals = 0;
  std::atomic<bool> killable = false;
  options.send_signal = [&](pid_t pid, int number) {
    ++signals;
    return killable ? kill(pid, number) : 0;
  };
  ProbeSupervisor probe(options);
  REQUIRE(wait_for(probe, [](const auto& snapshot) { return !snapshot.startable; }));
  CHECK_THAT(probe.snapshot().down, ContainsSubstring("3 of its processes hang in the kernel"));
  CHECK(probe.snapshot().restarts == 2);
  CHECK(signals > 0);

  // They end at last: then it goes on.
  for (const auto& task : fs::directory_iterator("/proc/self/task")) {
    const auto children = read_file(task.path() / "children");
    if (!children) continue;
    std::size_t used = 0;
    for (std::string_view left = *children; left.find_first_of("0123456789") != left.npos;
         left.remove_prefix(used)) {
      kill(std::stoi(std::string(left), &used), SIGKILL);
    }
  }
  killable = true;
  CHECK(wait_for(probe, [](const auto& snapshot) { return snapshot.restarts > 2; }));
  probe.stop();
  CHECK(has_no_children());
}

TEST_CASE("A program that is not there is one problem that names it, until it is there") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "good";
  const ProbeSupervisor probe(options_for(path));
  REQUIRE(wait_for(probe, [](const auto& snapshot) { return !snapshot.startable; }));
  CHECK_THAT(probe.snapshot().down, ContainsSubstring(path.string()));
  CHECK_THAT(probe.snapshot().down, ContainsSubstring("--gpu.probe"));
  fs::create_symlink(RIG_FAKE_PROBE, path);
  REQUIRE(wait_for(probe, hears_both));
  CHECK(probe.snapshot().startable);
  CHECK(probe.snapshot().restarts == 0);
}

TEST_CASE("The child gets clean signals, our environment less what would hang rocm-smi, no files") {
  const Fake fake("writes_down");
  const auto leak = fake.folder.write("leak", "");
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
    const ProbeSupervisor probe(options);
    REQUIRE(wait_for(probe, hears_both));
  }
  signal(SIGPIPE, pipe_before);
  unsetenv("RSMI_DEBUG_INFINITE_LOOP");
  unsetenv("RIG_TEST_VARIABLE");
  close(descriptor);
  CHECK(read_file(fake.path.string() + ".seen") ==
        "--follow-stdin --sample-interval=250ms --path.sysfs=/elsewhere/sys "
        "--path.procfs=/elsewhere/proc --path.rootfs=/elsewhere --processes=7 "
        "--source=auto\nRIG_TEST_VARIABLE\n");
}
