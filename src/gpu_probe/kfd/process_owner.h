// The owner of a process: the systemd unit, container, Kubernetes pod and Slurm job that its
// control group belongs to, from /proc/PID/cgroup.
// https://man7.org/linux/man-pages/man7/cgroups.7.html
#pragma once

#include <string>
#include <string_view>

namespace rig {

// Empty strings: none, or unknown.
struct ProcessOwner {
  // The innermost service or scope: "jupyterlab.service", "session-3.scope"; for a user service,
  // its own name rather than user@1000.service. Escapes (\x2d) are decoded. Empty for a scope that
  // a container runtime created for a container.
  std::string unit;
  // The innermost container: the 64 hexadecimal digits of Docker, Podman, containerd and CRI-O, or
  // the name of an LXC container.
  std::string container;
  // The pod's UID with dashes, even where systemd's unit names contain underscores. The UID of a
  // static pod has no dashes.
  std::string pod;
  std::string slurm_job;  // "77"

  bool operator==(const ProcessOwner&) const = default;
};

// Parses all lines, of cgroup version 1, version 2, or both. In a container without the host's
// cgroup namespace every path is "/", and the result is empty.
ProcessOwner parse_process_owner(std::string_view cgroup_text);

}  // namespace rig
