// rig_exporter --health, such as the health check of a container.
#pragma once

#include <span>

#include "rig/config/config.h"

namespace rig {

// Checks the exporter at the first address of `config`, prints the result, and returns the exit
// status.
int print_health(const Config& config);

// The same for each exporter that runs from the file of this program, in the same mount namespace:
// in a container, the one that the container was started for. Their own flags and configuration
// files tell the addresses. Without such a process, `config` is used.
int print_health_of_running(const Config& config, std::span<const CollectorSwitch> collectors);

}  // namespace rig
