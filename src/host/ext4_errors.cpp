#include "host/ext4_errors.h"

#include <utility>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

std::optional<std::uint64_t> parse_count(const std::optional<std::string>& text,
                                         const std::filesystem::path& file,
                                         std::vector<std::string>& problems) {
  if (!text) return std::nullopt;
  const auto count = parse_number<std::uint64_t>(*text);
  if (!count) problems.push_back(file.string() + ": makes no sense: " + std::string(trim(*text)));
  return count;
}

}  // namespace

Ext4ErrorFiles read_ext4_errors(const std::filesystem::path& sys, unsigned device_major,
                                unsigned device_minor) {
  const std::string number = std::to_string(device_major) + ":" + std::to_string(device_minor);
  const auto name = link_target_name(sys / "dev/block" / number);
  if (!name) return {};
  Ext4ErrorFiles files;
  files.directory = sys / "fs/ext4" / *name;
  const auto read = [&](const char* file) {
    FileText found = try_read_file(files.directory / file);
    if (!found.problem.empty()) files.problems.push_back(std::move(found.problem));
    return std::move(found.text);
  };
  files.errors = read("errors_count");
  files.warnings = read("warning_count");
  return files;
}

Ext4Errors parse_ext4_errors(const Ext4ErrorFiles& files) {
  Ext4Errors errors;
  errors.problems = files.problems;
  errors.errors = parse_count(files.errors, files.directory / "errors_count", errors.problems);
  errors.warnings = parse_count(files.warnings, files.directory / "warning_count", errors.problems);
  return errors;
}

}  // namespace rig
