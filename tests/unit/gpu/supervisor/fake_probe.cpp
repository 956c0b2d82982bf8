// A rig_gpu_probe with a fault, which is selected by the name of the program (argv[0]). It exits
// after a minute at the latest.
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

constexpr int kIntervalMilliseconds = 20;

struct Call {
  std::filesystem::path program;
  std::string arguments;
  bool without_library() const { return arguments.find("--source=sysfs") != arguments.npos; }
};

void write_output(std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = write(STDOUT_FILENO, text.data(), text.size());
    if (done < 0) _exit(3);
    text.remove_prefix(static_cast<std::size_t>(done));
  }
}

void write_line(const ProbeLine& line) { write_output(to_json_line(line) + "\n"); }

GpuReading reading(const char* address, double celsius) {
  GpuReading reading;
  reading.pci_address = address;
  reading.temperature_celsius["edge"] = celsius;
  return reading;
}

void write_report(const Call& call, const char* reason = "") {
  ProbeReport report;
  report.version = "fake";
  report.source = call.without_library() ? "sysfs" : "rocm_smi";
  report.reason = reason;
  report.interval_seconds = kIntervalMilliseconds / 1000.0;
  write_line(report);
}

void write_sample(double first_celsius = 27) {
  write_line(GpuList{{{"0000:03:00.0", 0}, {"0000:06:00.0", 0}}});
  write_line(reading("0000:03:00.0", first_celsius));
  write_line(reading("0000:06:00.0", 28));
}

void hang() {
  while (true) pause();
}

void write_samples_until_eof() {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  do {
    write_sample();
  } while (poll(&input, 1, kIntervalMilliseconds) == 0);
}

[[noreturn]] void die_by_signal(int number) {
  signal(number, SIG_DFL);
  raise(number);
  _exit(4);
}

void record_environment(const Call& call) {
  std::ofstream out(call.program.string() + ".environment");
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
    {"good", [](const Call& call) { write_report(call), write_samples_until_eof(); }},
    {"at_requests",
     [](const Call& call) {
       write_report(call);
       double celsius = 27;
       char request = 0;
       do {
         write_sample(celsius++);
       } while (read(STDIN_FILENO, &request, 1) == 1);
     }},
    {"mute", [](const Call&) { hang(); }},
    {"stops_writing", [](const Call& call) { write_report(call), write_sample(), hang(); }},
    {"exits", [](const Call&) { _exit(1); }},
    {"writes_garbage",
     [](const Call& call) {
       write_report(call), write_sample();
       while (true) write_output("lorem ipsum\n");
     }},
    {"writes_some_garbage",
     [](const Call& call) {
       write_report(call);
       for (int i = 0; i < 100; ++i) write_output("expected an integer\n"), write_sample();
       write_report(call, "done");
       write_samples_until_eof();
     }},
    {"closes_output",
     [](const Call& call) {
       write_report(call), write_sample();
       close(STDOUT_FILENO);
       hang();
     }},
    {"half_line",
     [](const Call& call) {
       write_report(call), write_sample();
       const auto line = to_json_line(reading("0000:03:00.0", 99));
       write_output(line);  // without its newline
       _exit(0);
     }},
    {"long_line",
     [](const Call& call) {
       write_report(call), write_sample();
       write_output(std::string(10U << 20U, 'x'));
       hang();
     }},
    {"ignores_sigterm",
     [](const Call& call) {
       signal(SIGTERM, SIG_IGN);
       write_report(call);
       while (true) write_sample(), usleep(kIntervalMilliseconds * 1000);
     }},
    {"floods_stderr",
     [](const Call& call) {
       write_report(call);
       std::thread([] {
         const std::string line = "Expected integer value from monitor, but got \"\"\n";
         while (write(STDERR_FILENO, line.data(), line.size()) > 0) {
         }
       }).detach();
       write_samples_until_eof();
       _exit(0);
     }},
    {"floods_output",
     [](const Call& call) {
       write_report(call);
       for (long address = 0;; ++address) {
         const auto name = std::to_string(address);
         write_line(GpuList{{{name, 0}}});
         write_line(reading(name.c_str(), 27));
       }
     }},
    {"aborts",
     [](const Call& call) {
       write_report(call), write_sample();
       if (!call.without_library()) die_by_signal(SIGABRT);
       write_samples_until_eof();
     }},
    {"hangs_in_library",
     [](const Call& call) {
       write_report(call), write_sample();
       if (!call.without_library()) hang();
       write_samples_until_eof();
     }},
    // Its child keeps the pipes open and outlives it, as with a wrapper script.
    {"has_child",
     [](const Call& call) {
       write_report(call), write_sample();
       const pid_t child = fork();
       if (child == 0) alarm(60), hang();
       std::ofstream(call.program.string() + ".child", std::ios::app) << child << '\n';
       _exit(5);
     }},
    {"records_environment",
     [](const Call& call) {
       record_environment(call), write_report(call), write_samples_until_eof();
     }},
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
