#include "gpu_probe/kfd/process_owner.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "rig/kernel/text.h"

namespace rig {
namespace {

constexpr std::string_view kDigits = "0123456789";
constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::size_t kContainerIdSize = 64;
constexpr std::size_t kPodUidSize = 36;
constexpr std::size_t kStaticPodUidSize = 32;

struct CgroupLine {
  bool unified = false;  // cgroup version 2
  bool systemd = false;  // cgroup version 1: systemd's own hierarchy
  std::string_view path;
};

// "0::/user.slice", "4:cpu,cpuacct:/user.slice"; the path may contain colons. The kernel appends
// " (deleted)" to the path of a removed cgroup that still has processes.
CgroupLine parse_line(std::string_view line) {
  constexpr std::string_view kDeleted = " (deleted)";
  const auto [hierarchy, rest] = split_at(line, ':');
  auto [controllers, path] = split_at(rest, ':');
  if (path.ends_with(kDeleted)) path.remove_suffix(kDeleted.size());
  return {hierarchy == "0", controllers == "name=systemd", path};
}

std::vector<std::string_view> elements(std::string_view path) {
  std::vector<std::string_view> found;
  while (!path.empty()) {
    const auto [element, rest] = split_at(path, '/');
    if (!element.empty()) found.push_back(element);
    path = rest;
  }
  return found;
}

bool consists_only_of(std::string_view text, std::string_view characters) {
  return !text.empty() && text.find_first_not_of(characters) == std::string_view::npos;
}

// "<id>", "docker-<id>.scope", "kubepods-besteffort-pod<uid>.slice:cri-containerd:<id>".
std::string_view container_id(std::string_view element) {
  if (element.ends_with(".scope")) element.remove_suffix(std::string_view(".scope").size());
  element.remove_prefix(element.find_last_of("-:") + 1);  // npos + 1 is 0
  const bool valid = element.size() == kContainerIdSize && consists_only_of(element, kHexDigits);
  return valid ? element : std::string_view();
}

// LXC 4 and later: "lxc.payload.NAME"; older versions: "lxc/NAME", "lxc.payload/NAME".
std::string_view lxc_name(std::string_view element, std::string_view parent) {
  constexpr std::string_view kPayload = "lxc.payload.";
  if (element.starts_with(kPayload)) return element.substr(kPayload.size());
  return parent == "lxc" || parent == "lxc.payload" ? element : std::string_view();
}

std::string container_of(const std::vector<std::string_view>& path) {
  for (std::size_t i = path.size(); i-- > 0;) {
    if (const auto id = container_id(path[i]); !id.empty()) return std::string(id);
    const auto name = lxc_name(path[i], i > 0 ? path[i - 1] : std::string_view());
    if (!name.empty()) return std::string(name);
  }
  return {};
}

// "pod<uid>" below "kubepods", or "kubepods-burstable-pod<uid>.slice", which is followed by a colon
// and more if the container runtime and the kubelet use different cgroup drivers.
std::string pod_uid(std::string_view element) {
  element = split_at(element, ':').before;
  if (element.ends_with(".slice")) element.remove_suffix(std::string_view(".slice").size());
  const auto dash = element.rfind("-pod");
  if (dash != std::string_view::npos) element.remove_prefix(dash + 1);
  if (!element.starts_with("pod")) return {};
  std::string uid(element.substr(std::string_view("pod").size()));
  std::replace(uid.begin(), uid.end(), '_', '-');
  const std::size_t size = uid.size();
  const bool valid = (size == kPodUidSize || size == kStaticPodUidSize) &&
                     uid.find_first_not_of("0123456789abcdef-") == std::string::npos;
  return valid ? uid : std::string();
}

std::string pod_of(const std::vector<std::string_view>& path) {
  std::string pod;
  bool kubernetes = false;
  for (const auto element : path) {
    kubernetes = kubernetes || element.find("kubepods") != std::string_view::npos;
    if (!kubernetes) continue;
    if (auto uid = pod_uid(element); !uid.empty()) pod = std::move(uid);
  }
  return pod;
}

// "job_77" below "slurm", "slurm_NODE", "slurmstepd.scope", "NODE_slurmstepd.scope".
std::string slurm_job_of(const std::vector<std::string_view>& path) {
  constexpr std::string_view kJob = "job_";
  bool slurm = false;
  for (const auto element : path) {
    if (slurm && element.starts_with(kJob)) {
      const auto number = element.substr(kJob.size());
      if (consists_only_of(number, kDigits)) return std::string(number);
    }
    slurm = slurm || element.find("slurm") != std::string_view::npos;
  }
  return {};
}

// Decodes systemd's \xHH escapes in unit names.
std::string unescape(std::string_view name) {
  constexpr std::size_t kEscapeSize = 4;
  std::string text;
  while (!name.empty()) {
    const auto code = name.starts_with("\\x") && name.size() >= kEscapeSize
                          ? parse_number<std::uint8_t>(name.substr(2, 2), 16)
                          : std::nullopt;
    text += code ? static_cast<char>(*code) : name.front();
    name.remove_prefix(code ? kEscapeSize : 1);
  }
  return text;
}

std::string unit_of(const std::vector<std::string_view>& path) {
  const auto is_unit = [](std::string_view element) {
    return element.ends_with(".service") || element.ends_with(".scope");
  };
  const auto last = std::find_if(path.rbegin(), path.rend(), is_unit);
  if (last == path.rend() || !container_id(*last).empty()) return {};
  return unescape(*last);
}

}  // namespace

ProcessOwner parse_process_owner(std::string_view cgroup_text) {
  ProcessOwner owner;
  bool found_systemd = false;
  for (const auto text : lines(cgroup_text)) {
    const CgroupLine line = parse_line(text);
    const auto path = elements(line.path);
    if (owner.container.empty()) owner.container = container_of(path);
    if (owner.pod.empty()) owner.pod = pod_of(path);
    if (owner.slurm_job.empty()) owner.slurm_job = slurm_job_of(path);
    // The hierarchies of individual controllers may not contain the units.
    if (line.systemd || (line.unified && !found_systemd)) owner.unit = unit_of(path);
    found_systemd = found_systemd || line.systemd;
  }
  return owner;
}

}  // namespace rig
