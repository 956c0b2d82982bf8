#include "app/health_command.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "rig/config/command_line.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"
#include "rig/web/health_check.h"

namespace rig {
namespace {

const std::filesystem::path kProcesses = "/proc";

// Whether a link of /proc/PID, as far as this process may read it, leads to the same as its own.
bool shares(const std::filesystem::path& process, const char* link) {
  std::error_code error;
  const auto target = std::filesystem::read_symlink(process / link, error);
  return !error && target == std::filesystem::read_symlink(kProcesses / "self" / link, error);
}

std::vector<std::string> command_line_of(const std::filesystem::path& process) {
  const auto text = read_text(process / "cmdline");
  std::vector<std::string> arguments;
  std::string_view rest = text ? std::string_view(*text) : std::string_view();
  while (!rest.empty()) {
    const Split split = split_at(rest, '\0');
    arguments.emplace_back(split.before);
    rest = split.after;
  }
  return arguments;
}

// Absent for a process that serves nothing, such as this one.
std::optional<Config> served_config(const std::filesystem::path& process,
                                    std::span<const CollectorSwitch> collectors) {
  const auto arguments = command_line_of(process);
  if (arguments.empty()) return std::nullopt;  // it has ended
  std::vector<const char*> pointers;
  pointers.reserve(arguments.size());
  for (const auto& argument : arguments) pointers.push_back(argument.c_str());
  // For a relative path of a configuration file, which must not be looked for elsewhere.
  std::error_code error;
  std::filesystem::current_path(process / "cwd", error);
  if (error) std::filesystem::current_path("/");
  auto command = parse_command_line(pointers, collectors);
  if (command.action != Action::serve) return std::nullopt;
  return std::move(command.config);
}

}  // namespace

int print_health(const Config& config) {
  const auto health = check_health(config.web.listen_addresses.front(), config.web.config_file);
  fmt::print(health.healthy ? stdout : stderr, "{}\n", health.message);
  return health.healthy ? EXIT_SUCCESS : EXIT_FAILURE;
}

int print_health_of_running(const Config& config, std::span<const CollectorSwitch> collectors) {
  const auto names = list_names(kProcesses);
  bool found = false;
  int status = EXIT_SUCCESS;
  for (const auto& name : names ? *names : std::vector<std::string>()) {
    const auto process = kProcesses / name;
    if (!parse_number<int>(name) || !shares(process, "exe") || !shares(process, "ns/mnt")) continue;
    const auto served = served_config(process, collectors);
    if (!served) continue;
    found = true;
    if (print_health(*served) != EXIT_SUCCESS) status = EXIT_FAILURE;
  }
  return found ? status : print_health(config);
}

}  // namespace rig
