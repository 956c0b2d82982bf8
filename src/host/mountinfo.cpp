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

// 36 35 98:0 /root /mountpoint rw,noatime [master:1 …] - ext4 /dev/sda1 rw,errors=continue
std::optional<Mount> parse_mount(std::string_view line) {
  const auto fields = words(line);
  const auto separator = std::find(fields.begin(), fields.end(), "-");
  if (separator - fields.begin() < 6 || fields.end() - separator < 3) return std::nullopt;
  const Split device = split_at(fields[2], ':');
  const auto device_major = parse_number<unsigned>(device.before);
  const auto device_minor = parse_number<unsigned>(device.after);
  if (!device_major || !device_minor) return std::nullopt;
  return Mount{.device_major = *device_major,
               .device_minor = *device_minor,
               .root = unescape(fields[3]),
               .mountpoint = unescape(fields[4]),
               .mount_options = std::string(fields[5]),
               .fstype = unescape(separator[1]),
               .source = unescape(separator[2]),
               .super_options = fields.end() - separator > 3 ? std::string(separator[3]) : ""};
}

}  // namespace

bool Mount::superblock_readonly() const {
  for (Split rest{{}, super_options}; !rest.after.empty();) {
    rest = split_at(rest.after, ',');
    if (std::ranges::find(kReadonlyOptions, rest.before) != kReadonlyOptions.end()) return true;
  }
  return false;
}

Mountinfo parse_mountinfo(std::string_view text) {
  Mountinfo mountinfo;
  for (const std::string_view line : complete_lines(text)) {
    if (auto mount = parse_mount(line)) {
      mountinfo.mounts.push_back(std::move(*mount));
    } else {
      mountinfo.malformed.emplace_back(line);
    }
  }
  return mountinfo;
}

}  // namespace rig
