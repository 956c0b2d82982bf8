// Runs a ProbeSupervisor with fake_probe.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "gpu/supervisor/probe_supervisor.h"
#include "support/temporary_directory.h"

namespace rig {

// A directory with a link to fake_probe, whose name selects the fault.
struct FakeProbe {
  explicit FakeProbe(const std::string& fault) : path(directory.path() / fault) {
    std::filesystem::create_symlink(RIG_FAKE_PROBE, path);
  }
  TemporaryDirectory directory;
  std::filesystem::path path;
};

// How much longer a sanitized probe takes to write its first line.
#if defined(RIG_ADDRESS_SANITIZER) || defined(RIG_THREAD_SANITIZER)
inline constexpr int kSlowdown = 5;
#else
inline constexpr int kSlowdown = 1;
#endif

// Long timeouts, so that a slow machine does not fail the tests that do not test timeouts; short
// delays between restarts.
inline ProbeOptions options_for(const std::filesystem::path& probe) {
  using namespace std::chrono_literals;
  ProbeOptions options;
  options.probe = probe.string();
  options.sample_interval = 20ms;
  options.limits.output_timeout = 30s;
  options.limits.min_backoff = 1ms;
  options.limits.max_backoff = 5ms;
  return options;
}

inline bool wait_for(const ProbeSupervisor& supervisor,
                     const std::function<bool(const ProbeSnapshot&)>& condition) {
  return supervisor.wait(std::chrono::steady_clock::now() + std::chrono::seconds(40), condition);
}

inline std::optional<double> edge_celsius(const ProbeSnapshot& snapshot, const char* address) {
  if (!snapshot.gpus) return std::nullopt;
  const auto gpu = snapshot.gpus->find(address);
  if (gpu == snapshot.gpus->end() || !gpu->second.reading) return std::nullopt;
  const auto& temperatures = gpu->second.reading->temperature_celsius;
  const auto edge = temperatures.find("edge");
  return edge == temperatures.end() ? std::nullopt : std::optional(edge->second);
}

inline bool has_both_readings(const ProbeSnapshot& snapshot) {
  return snapshot.report && edge_celsius(snapshot, "0000:03:00.0") == 27.0 &&
         edge_celsius(snapshot, "0000:06:00.0") == 28.0;
}

inline bool is_empty(const ProbeSnapshot& snapshot) { return !snapshot.report && !snapshot.gpus; }

}  // namespace rig
