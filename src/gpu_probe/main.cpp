// rig_gpu_probe: reads every AMD GPU once per interval and writes what it read as lines of JSON.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>
#include <system_error>
#include <thread>

#include "gpu_probe/capture/capture.h"
#include "gpu_probe/line_output.h"
#include "gpu_probe/probe.h"
#include "gpu_probe/replay.h"
#include "gpu_probe/rocm_smi/gpu_library_loader.h"
#include "gpu_probe/sysfs/marketing_name.h"

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::seconds kOncePatience{10};

struct Options {
  fs::path sys = "/sys";
  fs::path proc = "/proc";
  fs::path root = "/";
  unsigned processes = 32;
  std::string source = "auto";
  double interval_seconds = 1;
  std::string replay;
  std::optional<std::string> capture;
  bool once = false;
  bool follow_stdin = false;
};

void add_options(CLI::App& app, Options& options) {
  app.set_version_flag("--version", "rig_gpu_probe " RIG_VERSION " (" RIG_REVISION ")");
  app.add_option("--path.sysfs", options.sys, "where sysfs is mounted")->capture_default_str();
  app.add_option("--path.procfs", options.proc, "where the host's /proc is mounted")
      ->capture_default_str();
  app.add_option("--path.rootfs", options.root, "where the host's root is mounted")
      ->capture_default_str();
  app.add_option("--source", options.source,
                 "what reads the GPUs; auto: rocm_smi where it can, else sysfs")
      ->check(CLI::IsMember({"auto", "rocm_smi", "sysfs"}))
      ->capture_default_str();
  app.add_option("--interval", options.interval_seconds, "seconds from one sample to the next")
      ->check(CLI::Range(0.05, 3600.0))
      ->capture_default_str();
  app.add_option("--processes", options.processes,
                 "how many processes that use a GPU are said, the largest; 0: none")
      ->capture_default_str();
  app.add_flag("--once", options.once, "take one sample of each GPU, then exit");
  app.add_flag("--follow-stdin", options.follow_stdin, "exit when standard input ends");
  auto* const replay =
      app.add_option("--replay", options.replay, "play back this recorded output instead");
  app.add_option("--capture", options.capture,
                 "write an anonymised copy of what is read of the GPUs into this empty folder, "
                 "then exit")
      ->excludes(replay);
}

// Threads may hang in a driver: nothing is waited for, nothing is to be flushed.
[[noreturn]] void end(int status) { std::_Exit(status); }

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "rig_gpu_probe: %s\n", what);
  end(EXIT_FAILURE);
}

// Signals end the program at once, also while a read hangs, whatever the caller had set.
void set_up_signals() {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_UNBLOCK, &all, nullptr);
  signal(SIGTERM, SIG_DFL);
  signal(SIGINT, SIG_DFL);
  signal(SIGPIPE, SIG_IGN);  // write() says EPIPE
}

// A library that crashes on what the driver writes is to be expected, and so would be a core of
// each crash, wherever we happened to be started.
void leave_no_core() {
  constexpr rlimit kNone{0, 0};
  setrlimit(RLIMIT_CORE, &kNone);
}

void follow_stdin() {
  // Also where somebody else holds the other end of our input. It goes off when the thread ends
  // that started us.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::thread([] {
    rig::name_this_thread("stdin");
    std::array<char, 256> ignored;
    while (true) {
      const ssize_t got = read(STDIN_FILENO, ignored.data(), ignored.size());
      if (got == 0 || (got < 0 && errno != EINTR)) end(EXIT_SUCCESS);
    }
  }).detach();
}

void output_failed(int error_number) {
  if (error_number == EPIPE) end(EXIT_SUCCESS);  // nobody wants to know any more
  fail(("standard output: " + std::generic_category().message(error_number)).c_str());
}

fs::path program_folder() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path();
}

// librocm_smi64 reads /sys and cannot be told another place.
bool is_real_sysfs(const fs::path& sys) {
  std::error_code ignored;
  return fs::weakly_canonical(sys, ignored) == "/sys";
}

rig::LoadedGpuLibrary choose_library(const Options& options) {
  if (options.source == "sysfs") return {nullptr, "--source=sysfs"};
  if (!is_real_sysfs(options.sys)) {
    const std::string reason =
        "--path.sysfs is " + options.sys.string() + ", and librocm_smi64 reads nothing but /sys";
    if (options.source == "rocm_smi") fail(("--source=rocm_smi: " + reason).c_str());
    return {nullptr, reason};
  }
  return rig::load_gpu_library(program_folder());
}

[[noreturn]] void run_replay(const Options& options, rig::LineOutput& output) {
  const rig::Replay replay(options.replay);
  if (!options.once) replay.play(output, std::chrono::duration<double>(options.interval_seconds));
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
  settings.sys = options.sys;
  settings.proc = options.proc;
  settings.root = options.root;
  settings.marketing_name = marketing_name_below(options.root);
  const auto outcome = rig::capture(settings, *options.capture);
  std::printf("%s: %s", options.capture->c_str(), outcome.summary.c_str());
  std::fflush(stdout);
  if (!outcome.problem.empty()) fail(outcome.problem.c_str());
  end(EXIT_SUCCESS);
}

[[noreturn]] void run_probe(const Options& options, rig::LineOutput& output) {
  rig::ProbeSettings settings;
  settings.version = RIG_VERSION;
  settings.sys = options.sys;
  settings.proc = options.proc;
  settings.processes = options.processes;
  settings.interval = std::chrono::duration<double>(options.interval_seconds);
  settings.marketing_name = marketing_name_below(options.root);
  auto [library, reason] = choose_library(options);
  rig::Probe probe(std::move(settings), std::move(library), std::move(reason), output);
  if (!options.once) probe.run();

  probe.round();
  const auto late = probe.wait(rig::Probe::Clock::now() + kOncePatience);
  for (const auto& address : late) {
    std::fprintf(stderr, "rig_gpu_probe: %s does not answer\n", address.c_str());
  }
  end(late.empty() ? EXIT_SUCCESS : EXIT_FAILURE);
}

int run(int argc, char** argv) {
  Options options;
  CLI::App app{"Reads AMD GPUs and writes what it read as lines of JSON."};
  add_options(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& wish) {  // --help, --version
    return app.exit(wish);
  }
  set_up_signals();
  if (options.follow_stdin) {
    leave_no_core();
    follow_stdin();
  }
  if (options.capture) run_capture(options);
  rig::LineOutput output(STDOUT_FILENO, output_failed);
  if (!options.replay.empty()) run_replay(options, output);
  run_probe(options, output);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {  // a wrong option among them
    fail(error.what());
  }
}
