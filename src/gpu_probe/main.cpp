// rig_gpu_probe: samples every AMD GPU at an interval and writes the readings as lines of JSON.
#include <fcntl.h>
#include <malloc.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <optional>
#include <system_error>

#include "gpu_probe/capture/capture.h"
#include "gpu_probe/line_output.h"
#include "gpu_probe/probe.h"
#include "gpu_probe/replay.h"
#include "gpu_probe/rocm_smi/gpu_library_loader.h"
#include "gpu_probe/sysfs/marketing_name.h"
#include "rig/gpu_protocol/probe_defaults.h"
#include "rig/kernel/cached_structure.h"
#include "rig/kernel/duration.h"
#include "rig/kernel/kept_descriptors.h"
#include "rig/kernel/root_paths.h"
#include "rig/kernel/standard_descriptors.h"
#include "rig/threads/stoppable_thread.h"
#include "rig/threads/wakeup_event.h"

namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr std::chrono::seconds kOnceTimeout{10};
// For a round of readings of the largest machines, of 2 to 6 kB each: rig_exporter reads 64 kB at
// once, and pauses afterwards. The sizes up to this one need no privilege.
constexpr int kPipeSize = 1 << 20;
constexpr int kUsageError = 2;  // exit status

struct Options {
  rig::RootPaths paths;
  unsigned processes = rig::kDefaultProcessLimit;
  std::string source = rig::kSourceAuto;
  milliseconds sample_interval = rig::kDefaultSampleInterval;
  unsigned max_cpu_percent = rig::kDefaultMaxCpuPercent;
  std::string replay;
  std::optional<std::string> capture;
  bool once = false;
  bool follow_stdin = false;
};

bool samples_at_requests(const Options& options) {
  return options.sample_interval == rig::kAtRequests && !options.once && !options.capture;
}

milliseconds parse_interval(const std::string& text) {
  try {
    return rig::parse_sample_interval(text);
  } catch (const rig::DurationError& error) {
    throw CLI::ValidationError("--sample-interval", error.what());
  }
}

void add_options(CLI::App& app, Options& options) {
  app.set_version_flag("-v,--version", "rig_gpu_probe " RIG_VERSION " (" RIG_REVISION ")");
  app.add_option("--path.sysfs", options.paths.sys, "mount point of sysfs")->capture_default_str();
  app.add_option("--path.procfs", options.paths.proc, "mount point of the host's /proc")
      ->capture_default_str();
  app.add_option("--path.rootfs", options.paths.root, "mount point of the host's root filesystem")
      ->capture_default_str();
  app.add_option("--source", options.source,
                 "what reads the GPUs; auto: rocm_smi if available, else sysfs")
      ->check(CLI::IsMember({rig::kSourceAuto, rig::kSourceRocmSmi, rig::kSourceSysfs}))
      ->capture_default_str();
  app.add_option_function<std::string>(
         "--sample-interval",
         [&options](const std::string& text) { options.sample_interval = parse_interval(text); },
         "time between two samples, such as 500ms, 1s or 2m; 0: take a sample at the start and for "
         "each line on standard input, and exit at its end")
      ->type_name("DURATION")
      ->default_str("1s");
  app.add_option("--max-cpu", options.max_cpu_percent,
                 "percentage of one CPU that sampling more than 8 GPUs may use, otherwise the time "
                 "between two samples becomes up to 2.5 times as long; 0: no limit")
      ->check(CLI::Range(0U, rig::kMaxCpuPercent))
      ->capture_default_str();
  app.add_option("--processes", options.processes,
                 "maximum number of processes to list, those with the most GPU memory first; 0 "
                 "disables the list")
      ->check(CLI::Range(0U, rig::kMaxProcessLimit))
      ->capture_default_str();
  app.add_flag("--once", options.once, "take one sample of each GPU, then exit");
  app.add_flag("--follow-stdin", options.follow_stdin, "exit at the end of standard input");
  auto* const replay =
      app.add_option("--replay", options.replay, "replay this recorded output instead");
  app.add_option("--capture", options.capture,
                 "write an anonymized copy of everything that is read about the GPUs into this "
                 "empty directory, then exit")
      ->excludes(replay);
}

// Exits without waiting for threads, which may be hung in a driver. Nothing needs to be flushed.
[[noreturn]] void end(int status) { std::_Exit(status); }

[[noreturn]] void fail(const char* message, int status = EXIT_FAILURE) {
  std::fprintf(stderr, "rig_gpu_probe: %s\n", message);
  end(status);
}

// Signals terminate the program immediately, even during a hung read, regardless of inherited
// settings.
void set_up_signals() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_UNBLOCK, &all, nullptr);
  signal(SIGTERM, SIG_DFL);
  signal(SIGINT, SIG_DFL);
  signal(SIGPIPE, SIG_IGN);  // write() returns EPIPE instead
}

// Crashes of the library are expected and must not fill the disk with core dumps.
void disable_core_dumps() {
  constexpr rlimit kNone{0, 0};
  setrlimit(RLIMIT_CORE, &kNone);
}

// Requests a sample for each line on standard input. Exits at its end.
void follow_stdin(const rig::StopToken& stop, const rig::WakeupEvent& requests) {
  std::array<char, 256> input;
  while (true) {
    const auto result = rig::poll_until_stopped(stop, STDIN_FILENO, POLLIN, milliseconds(-1));
    if (result.stop) return;
    if (result.events == 0) continue;
    const ssize_t count = read(STDIN_FILENO, input.data(), input.size());
    if (count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN)) end(EXIT_SUCCESS);
    if (count > 0 && std::memchr(input.data(), '\n', static_cast<std::size_t>(count)) != nullptr)
      requests.signal();
  }
}

void handle_output_error(int error_number) {
  if (error_number == EPIPE) end(EXIT_SUCCESS);  // the reader has exited
  fail(("standard output: " + std::generic_category().message(error_number)).c_str());
}

fs::path program_directory() {
  std::error_code ignored;
  return fs::read_symlink(rig::RootPaths{}.proc / "self/exe", ignored).parent_path();
}

// librocm_smi64 always reads /sys.
bool is_real_sysfs(const fs::path& sys) {
  std::error_code ignored;
  return fs::weakly_canonical(sys, ignored) == rig::RootPaths{}.sys;
}

rig::LoadedGpuLibrary choose_library(const Options& options) {
  if (options.source == rig::kSourceSysfs) return {nullptr, "--source=sysfs"};
  if (!is_real_sysfs(options.paths.sys)) {
    const std::string reason = "--path.sysfs is " + options.paths.sys.string() +
                               ", and librocm_smi64 reads nothing but /sys";
    if (options.source == rig::kSourceRocmSmi)
      fail(("--source=rocm_smi: " + reason).c_str(), kUsageError);
    return {nullptr, reason};
  }
  return rig::load_gpu_library(program_directory());
}

void wait_for(const rig::WakeupEvent& requests) {
  pollfd readable{requests.fd(), POLLIN, 0};
  while (poll(&readable, 1, -1) <= 0) {
  }
  requests.clear();
}

[[noreturn]] void run_replay(const Options& options, const rig::WakeupEvent& requests,
                             rig::LineOutput& output) {
  const rig::Replay replay(options.replay);
  if (samples_at_requests(options))
    replay.play_answers(output, [&requests] { wait_for(requests); });
  if (!options.once) replay.play(output, options.sample_interval);
  replay.play_once(output);
  end(EXIT_SUCCESS);
}

rig::MarketingName marketing_name_below(const fs::path& root) {
  return [root](auto device_id, auto revision, auto uevent) {
    return rig::marketing_name(root, device_id, revision, uevent);
  };
}

[[noreturn]] void run_capture(const Options& options) {
  rig::CaptureSettings settings;
  settings.version = RIG_VERSION " (" RIG_REVISION ")";
  settings.paths = options.paths;
  settings.marketing_name = marketing_name_below(options.paths.root);
  const auto result = rig::capture(settings, *options.capture);
  std::printf("%s: %s", options.capture->c_str(), result.summary.c_str());
  std::fflush(stdout);
  if (!result.problem.empty()) fail(result.problem.c_str());
  end(EXIT_SUCCESS);
}

[[noreturn]] void run_probe(const Options& options, const rig::WakeupEvent& requests,
                            rig::LineOutput& output) {
  rig::ProbeSettings settings;
  settings.version = RIG_VERSION;
  settings.paths = options.paths;
  settings.processes = options.processes;
  settings.sample_interval = options.sample_interval;
  settings.max_cpu_percent = options.max_cpu_percent;
  settings.marketing_name = marketing_name_below(options.paths.root);
  if (!options.once) {
    fcntl(STDOUT_FILENO, F_SETPIPE_SZ, kPipeSize);  // fails if it is no pipe
    rig::keep_attributes_open(options.paths.sys);
    rig::cache_structure(options.paths);
  }
  auto [library, reason] = choose_library(options);
  rig::Probe probe(std::move(settings), std::move(library), std::move(reason), output);
  if (samples_at_requests(options)) probe.run_at(requests);
  if (!options.once) probe.run();

  probe.run_once();
  const auto timed_out = probe.wait(rig::Probe::Clock::now() + kOnceTimeout);
  for (const auto& address : timed_out) {
    std::fprintf(stderr, "rig_gpu_probe: %s: read timed out\n", address.c_str());
  }
  end(timed_out.empty() ? EXIT_SUCCESS : EXIT_FAILURE);
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"Reads AMD GPUs and writes their values as lines of JSON."};
  app.footer(
      "Exit status: 0 if everything was done, 1 if something failed, 2 if the flags are invalid.");
  add_options(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& request) {  // --help, --version
    return app.exit(request);
  }
  set_up_signals();
  const auto requests = std::make_shared<const rig::WakeupEvent>();
  std::optional<rig::StoppableThread> stdin_thread;
  if (options.follow_stdin || samples_at_requests(options)) {
    disable_core_dumps();
    // For the case that another process keeps the write end of standard input open. The signal is
    // sent when the thread that started this process exits.
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    stdin_thread.emplace(
        "stdin", [requests](const rig::StopToken& stop) { follow_stdin(stop, *requests); },
        [](const std::string& error) { fail(error.c_str()); });
  }
  if (options.capture) run_capture(options);
  rig::LineOutput output(STDOUT_FILENO, handle_output_error);
  if (!options.replay.empty()) run_replay(options, *requests, output);
  run_probe(options, *requests, output);
}

}  // namespace

int main(int argc, char** argv) {
  rig::open_missing_standard_descriptors();
  // Threads take turns, unless many GPUs hang: an arena for each would take more memory than it
  // holds.
  mallopt(M_ARENA_MAX, 1);
  try {
    return run(argc, argv);
  } catch (const CLI::ParseError& error) {
    fail(error.what(), kUsageError);
  } catch (const std::exception& error) {
    fail(error.what());
  }
}
