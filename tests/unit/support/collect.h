// Runs a collector on the files in a temporary directory: proc/, sys/ and the root filesystem.
#pragma once

#include <chrono>
#include <memory>

#include "rig/config/config.h"
#include "rig/kernel/root_paths.h"
#include "rig/scrape/collector.h"
#include "support/temporary_directory.h"

inline rig::RootPaths roots_in(const TemporaryDirectory& machine) {
  return {machine.path() / "proc", machine.path() / "sys", machine.path()};
}

inline std::unique_ptr<rig::Collector> make_collector(const rig::CollectorInfo& info,
                                                      const TemporaryDirectory& machine,
                                                      const rig::Config& config = {}) {
  return info.make(roots_in(machine), config);
}

inline rig::Samples collect(rig::Collector& collector,
                            std::chrono::milliseconds timeout = std::chrono::hours(1)) {
  rig::Samples samples;
  collector.collect(samples, std::chrono::steady_clock::now() + timeout);
  return samples;
}

inline rig::Samples collect(const rig::CollectorInfo& info, const TemporaryDirectory& machine,
                            const rig::Config& config = {}) {
  return collect(*make_collector(info, machine, config));
}
