#include "host/mountinfo.h"

#include <algorithm>
#include <array>
#include <optional>

#include "rig/kernel/text.h"

namespace rig {
namespace {

// Newer kernels (seen on 6.18) keep "rw" when ext4 stops writing after errors, and add another
// option.
constexpr auto kReadonlyOptions =
    std::to_array<std::string_view>({"ro", "emergency_ro", "shutdown"});

// Replaces octal escape sequences such as "\040".
std::string unescape(std::string_view text) {
  constexpr std::size_t kEscapeLength = 4;
  std::string plain;
  plain.reserve(text.size());
  while (!text.empty()) {
    const auto byte = text.front() == '\\' && text.size() >= kEscapeLength
                          ? parse_number<unsigned char>(text.substr(1, kEscapeLength - 1), 8)
                          : std::nullopt;
    plain += byte ? static_cast<char>(*byte) : text.front();
    text.remove_prefix(byte ? kEscapeLength : 1);
  }
  return plain;
}

// The value of an option; empty without it.
std::string_view option_value(std::string_view options, std::string_view prefix) {
  for (Split rest{{}, options}; !rest.after.empty();) {
    rest = split_at(rest.after, ',');
    if (rest.before.starts_with(prefix)) return rest.before.substr(prefix.size());
  }
  return {};
}

// "/ostree/deploy/OS/var" or "/ostree/deploy/OS/deploy/COMMIT.0", or a directory that every
// deployment has.
bool is_ostree_directory(std::string_view root) {
  constexpr std::string_view kDeploy = "/ostree/deploy/";
  if (!root.starts_with(kDeploy)) return false;
  const Split inside = split_at(root.substr(kDeploy.size()), '/');
  if (inside.after == "var") return true;
  const Split deployment = split_at(inside.after, '/');
  const std::string_view directory = split_at(deployment.after, '/').after;
  return deployment.before == "deploy" && !deployment.after.empty() &&
         (directory.empty() || directory == "usr" || directory == "etc");
}

}  // namespace

// 36 35 98:0 /root /mountpoint rw,noatime [master:1 …] - ext4 /dev/sda1 rw,errors=continue
std::optional<MountLine> parse_mount_line(std::string_view line) {
  const auto fields = words(line);
  const auto separator = std::find(fields.begin(), fields.end(), "-");
  if (separator - fields.begin() < 6 || fields.end() - separator < 3) return std::nullopt;
  const Split device = split_at(fields[2], ':');
  const auto device_major = parse_number<unsigned>(device.before);
  const auto device_minor = parse_number<unsigned>(device.after);
  if (!device_major || !device_minor) return std::nullopt;
  return MountLine{
      .device_major = *device_major,
      .device_minor = *device_minor,
      .root = fields[3],
      .mountpoint = fields[4],
      .fstype = separator[1],
      .source = separator[2],
      .super_options = fields.end() - separator > 3 ? separator[3] : std::string_view()};
}

Mount MountLine::decoded() const {
  return Mount{.device_major = device_major,
               .device_minor = device_minor,
               .root = unescape(root),
               .mountpoint = unescape(mountpoint),
               .fstype = unescape(fstype),
               .source = unescape(source),
               .super_options = std::string(super_options)};
}

bool Mount::superblock_readonly() const {
  for (Split rest{{}, super_options}; !rest.after.empty();) {
    rest = split_at(rest.after, ',');
    if (std::ranges::find(kReadonlyOptions, rest.before) != kReadonlyOptions.end()) return true;
  }
  return false;
}

bool Mount::is_whole_tree() const {
  if (root == "/" || mountpoint == "/") return true;
  if (fstype == "btrfs") return unescape(option_value(super_options, "subvol=")) == root;
  return is_ostree_directory(root);
}

}  // namespace rig
