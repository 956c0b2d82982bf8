// What is left out of the metrics because it identifies hardware or says which programs run.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace rig {

enum class SerialNumbers { automatic, show, omit };

// Labels of the metrics of GPU processes. `all`: also command, unit, container, pod and Slurm job.
// `none`: no metrics of processes at all, only their number.
enum class GpuProcessLabels { automatic, all, pid, none };

struct Privacy {
  SerialNumbers serial_numbers = SerialNumbers::automatic;
  GpuProcessLabels gpu_processes = GpuProcessLabels::automatic;
  // Whether clients on other machines are served without authentication, which decides what
  // `automatic` means. Called at each scrape, by several threads; empty: no.
  std::function<bool()> serves_strangers;

  bool shows_serial_numbers() const;
  GpuProcessLabels gpu_process_labels() const;  // never automatic
};

// Whether another machine may be able to connect to one of the listen addresses; "unix:@NAME" is an
// abstract socket. A host name counts as such unless it is localhost.
bool reachable_from_elsewhere(std::span<const std::string> listen_addresses);

// What is left out now and which flag shows it, a sentence for each; for the log.
std::vector<std::string> omissions(const Privacy& privacy);

}  // namespace rig
