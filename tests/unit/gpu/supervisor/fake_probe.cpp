// A rig_gpu_probe with a fault: the name that it is called by says which. It ends after a minute
// even when nobody ends it.
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <thread>

#include "rig/gpu_protocol/probe_line.h"

using namespace rig;

namespace {

constexpr int kBeat = 20;  // milliseconds

struct Call {
  std::filesystem::path program;
  std::string arguments;
  bool without_library() const { return arguments.find("--source=sysfs") != arguments.npos; }
};

void put(std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = write(STDOUT_FILENO, text.data(), text.size());
    if (done < 0) _exit(3);
    text.remove_prefix(static_cast<std::size_t>(done));
  }
}

void say(const ProbeLine& line) { put(to_json_line(line) + "\n"); }

GpuReading reading(const char* address, double celsius) {
  GpuReading made;
  made.pci_address = address;
  made.temperature_celsius["edge"] = celsius;
  return made;
}

void greet(const Call& call, const char* reason = "") {
  ProbeReport report;
  report.version = "fake";
  report.source = call.without_library() ? "sysfs" : "rocm_smi";
  report.reason = reason;
  report.interval_seconds = kBeat / 1000.0;
  say(report);
}

void beat() {
  say(GpuList{{{"0000:03:00.0", 0}, {"0000:06:00.0", 0}}});
  say(reading("0000:03:00.0", 27));
  say(reading("0000:06:00.0", 28));
}

void sleep_for_ever() {
  while (true) pause();
}

// As the real one does, until its standard input is closed.
void work() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  do {
    beat();
  } while (poll(&input, 1, kBeat) == 0);
}

[[noreturn]] void die_of(int number) {
  signal(number, SIG_DFL);
  raise(number);
  _exit(4);
}

void write_down(const Call& call) {
  std::ofstream out(call.program.string() + ".seen");
  out << call.arguments << '\n';
  sigset_t mask;
  sigprocmask(SIG_SETMASK, nullptr, &mask);
  for (int number = 1; number < SIGRTMAX; ++number) {
    struct sigaction action {};
    if (sigaction(number, nullptr, &action) != 0) continue;
    if (action.sa_handler == SIG_IGN) out << "ignored " << number << '\n';
    if (sigismember(&mask, number) == 1) out << "blocked " << number << '\n';
  }
  for (const char* name : {"RSMI_DEBUG_INFINITE_LOOP", "RIG_TEST_VARIABLE"}) {
    if (getenv(name) != nullptr) out << name << '\n';
  }
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    const auto target = std::filesystem::read_symlink(entry.path(), gone);
    if (!gone && target.string().find("leak") != std::string::npos) out << "leaked\n";
  }
}

const std::map<std::string, std::function<void(const Call&)>, std::less<>> kFaults{
    {"good", [](const Call& call) { greet(call), work(); }},
    {"mute", [](const Call&) { sleep_for_ever(); }},
    {"goes_silent", [](const Call& call) { greet(call), beat(), sleep_for_ever(); }},
    {"exits", [](const Call&) { _exit(1); }},
    {"babbles",
     [](const Call& call) {
       greet(call), beat();
       while (true) put("lorem ipsum\n");
     }},
    {"stammers",
     [](const Call& call) {
       greet(call);
       for (int i = 0; i < 100; ++i) put("expected an integer\n"), beat();
       greet(call, "stammered");
       work();
     }},
    {"closes_output",
     [](const Call& call) {
       greet(call), beat();
       close(STDOUT_FILENO);
       sleep_for_ever();
     }},
    {"half_line",
     [](const Call& call) {
       greet(call), beat();
       const auto line = to_json_line(reading("0000:03:00.0", 99));
       put(line);  // its newline never comes
       _exit(0);
     }},
    {"long_line",
     [](const Call& call) {
       greet(call), beat();
       put(std::string(10U << 20U, 'x'));
       sleep_for_ever();
     }},
    {"stubborn",
     [](const Call& call) {
       signal(SIGTERM, SIG_IGN);
       greet(call);
       while (true) beat(), usleep(kBeat * 1000);
     }},
    {"floods_errors",
     [](const Call& call) {
       greet(call);
       std::thread([] {
         const std::string line = "Expected integer value from monitor, but got \"\"\n";
         while (write(STDERR_FILENO, line.data(), line.size()) > 0) {
         }
       }).detach();
       work();
       _exit(0);
     }},
    {"aborts",
     [](const Call& call) {
       greet(call), beat();
       if (!call.without_library()) die_of(SIGABRT);
       work();
     }},
    {"hangs_in_library",
     [](const Call& call) {
       greet(call), beat();
       if (!call.without_library()) sleep_for_ever();
       work();
     }},
    // Its child holds the pipes and outlives it, as under a wrapper script.
    {"has_child",
     [](const Call& call) {
       greet(call), beat();
       const pid_t child = fork();
       if (child == 0) alarm(60), sleep_for_ever();
       std::ofstream(call.program.string() + ".child", std::ios::app) << child << '\n';
       _exit(5);
     }},
    {"writes_down", [](const Call& call) { write_down(call), greet(call), work(); }},
};

}  // namespace

int main(int argc, char** argv) {
  alarm(60);
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  Call call{argv[0], {}};
  for (int i = 1; i < argc; ++i) call.arguments.append(i == 1 ? "" : " ").append(argv[i]);
  const auto fault = kFaults.find(call.program.filename().string());
  if (fault == kFaults.end()) return 64;
  fault->second(call);
  return 0;
}
