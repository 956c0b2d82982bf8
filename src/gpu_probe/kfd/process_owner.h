// Whose a process is, from /proc/PID/cgroup: the path of its control group names the systemd unit,
// the container, the Kubernetes pod and the Slurm job that it runs in.
// https://man7.org/linux/man-pages/man7/cgroups.7.html
#pragma once

#include <string>
#include <string_view>

namespace rig {

// An empty string: it is in none of that kind, or in one whose name tells nothing.
struct ProcessOwner {
  // The innermost service or scope: "jupyterlab.service", "session-3.scope", for a user's service
  // that and not user@1000.service. Escapes (\x2d) are undone. Empty for the scope that a container
  // runtime made for a container: the container says more.
  std::string unit;
  // The innermost container: the 64 hexadecimal digits of Docker, Podman, containerd and CRI-O, or
  // the name that LXC has for it.
  std::string container;
  // The pod's uid with dashes, also where systemd's names have underscores; that of a static pod
  // has no dashes at all.
  std::string pod;
  std::string slurm_job;  // "77"

  bool operator==(const ProcessOwner&) const = default;
};

// All lines of version 1, of version 2, or of both at once. In a container without the host's
// control groups every path is "/" and says nothing.
ProcessOwner parse_process_owner(std::string_view cgroup_text);

}  // namespace rig
