#include "gpu/supervisor/probe_child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

namespace rig {
namespace {

std::string error_text(int error_number) { return std::generic_category().message(error_number); }

// Returns a descriptor above 2. If this process was started with 0, 1 or 2 closed, a pipe may get
// one of these numbers, and dup2() in the child would overwrite it.
UniqueFd move_above_stderr(UniqueFd fd) {
  if (fd.get() > STDERR_FILENO || !fd.is_open()) return fd;
  return UniqueFd(fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
}

struct Pipe {
  UniqueFd read;
  UniqueFd write;
  bool is_open() const { return read.is_open() && write.is_open(); }
};

Pipe make_pipe() {
  std::array<int, 2> fds{-1, -1};
  if (pipe2(fds.data(), O_CLOEXEC) != 0) return {};
  UniqueFd read(fds[0]);
  UniqueFd write(fds[1]);
  return {move_above_stderr(std::move(read)), move_above_stderr(std::move(write))};
}

// For this process's end of a pipe only: programs expect their standard streams to block.
bool set_non_blocking(const UniqueFd& fd) { return fcntl(fd.get(), F_SETFL, O_NONBLOCK) == 0; }

std::vector<char*> null_terminated(const std::vector<std::string>& strings) {
  std::vector<char*> result;
  result.reserve(strings.size() + 1);
  for (const auto& string : strings) result.push_back(const_cast<char*>(string.c_str()));
  result.push_back(nullptr);
  return result;
}

std::vector<std::string> child_environment() {
  std::vector<std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view variable = *entry;
    if (!variable.starts_with("RSMI_DEBUG_")) variables.emplace_back(variable);
  }
  return variables;
}

// What posix_spawn() sets up in the child.
class SpawnSettings {
 public:
  SpawnSettings(int input, int output, int errors) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_adddup2(&actions_, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&actions_, STDERR_FILENO + 1);

    posix_spawnattr_init(&attributes_);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes_, &none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigdefault(&attributes_, &all);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&actions_);
    posix_spawnattr_destroy(&attributes_);
  }

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

}  // namespace

std::string ProcessExit::description() const {
  if (signal) {
    const char* const name = sigabbrev_np(*signal);
    return "was killed by " +
           (name != nullptr ? std::string("SIG") + name : "signal " + std::to_string(*signal));
  }
  if (status) return "exited with status " + std::to_string(*status);
  return "terminated";
}

bool ProcessExit::crashed() const {
  if (!signal) return false;
  constexpr std::array kFaults{SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP};
  return std::ranges::find(kFaults, *signal) != kFaults.end();
}

bool ProcessExit::terminated() const {
  return signal == SIGTERM || signal == SIGINT || signal == SIGHUP;
}

ProbeChild::ProbeChild(pid_t pid, UniqueFd input, UniqueFd output, UniqueFd errors,
                       SendSignal send_signal)
    : pid_(pid),
      input_(std::move(input)),
      output_(std::move(output)),
      errors_(std::move(errors)),
      send_signal_(std::move(send_signal)) {}

ProbeChild::ProbeChild(ProbeChild&& other) noexcept = default;
ProbeChild& ProbeChild::operator=(ProbeChild&& other) noexcept = default;

ProbeChild::StartResult ProbeChild::start(const std::vector<std::string>& arguments,
                                          SendSignal send_signal) {
  Pipe input = make_pipe();
  Pipe output = make_pipe();
  Pipe errors = make_pipe();
  if (!input.is_open() || !output.is_open() || !errors.is_open() ||
      !set_non_blocking(input.write) || !set_non_blocking(output.read) ||
      !set_non_blocking(errors.read)) {
    return {std::nullopt, "pipe: " + error_text(errno)};
  }
  const SpawnSettings settings(input.read.get(), output.write.get(), errors.write.get());
  const auto environment = child_environment();
  pid_t pid = -1;
  const int error =
      posix_spawn(&pid, arguments.front().c_str(), settings.actions(), settings.attributes(),
                  null_terminated(arguments).data(), null_terminated(environment).data());
  if (error == EAGAIN)
    return {std::nullopt, "cannot create a process (limit of processes: RLIMIT_NPROC, TasksMax)"};
  if (error != 0) return {std::nullopt, error_text(error)};
  return {ProbeChild(pid, std::move(input.write), std::move(output.read), std::move(errors.read),
                     std::move(send_signal)),
          {}};
}

void ProbeChild::request_sample() const {
  // SIGPIPE is ignored: a probe that has exited is noticed elsewhere.
  static_cast<void>(!write(input_.get(), "\n", 1));
}

void ProbeChild::close_pipes() {
  input_.reset();
  output_.reset();
  errors_.reset();
}

void ProbeChild::signal(int number) const {
  if (pid_ < 0) return;
  if (send_signal_(-pid_, number) != 0) send_signal_(pid_, number);  // the child has left its group
}

std::optional<ProcessExit> ProbeChild::poll_exit() {
  if (pid_ < 0) return exit_;
  siginfo_t info{};
  int result = 0;
  do {
    result = waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  } while (result != 0 && errno == EINTR);
  if (result != 0) {  // reaped elsewhere, e.g. if SIGCHLD is ignored
    pid_ = -1;
    return exit_.emplace();
  }
  if (info.si_pid == 0) return std::nullopt;
  // As long as the child is a zombie, its process group ID cannot be reused.
  signal(SIGKILL);
  waitpid(pid_, nullptr, WNOHANG);
  pid_ = -1;
  exit_.emplace();
  if (info.si_code == CLD_EXITED) {
    exit_->status = info.si_status;
  } else {
    exit_->signal = info.si_status;
  }
  return exit_;
}

}  // namespace rig
