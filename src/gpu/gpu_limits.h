// Limits of what the exporter accepts from rig_gpu_probe and remembers. Real machines stay far
// below them: a probe that exceeds one is faulty, and must not make the exporter grow.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

namespace rig {

inline constexpr std::size_t kMaxGpus = 128;            // that are present
inline constexpr std::size_t kMaxRememberedGpus = 256;  // including those that have disappeared
inline constexpr std::size_t kMaxValuesPerReading = 1024;
inline constexpr std::size_t kMaxProblemsPerReading = 32;
inline constexpr std::size_t kMaxProcesses = 1024;
inline constexpr std::size_t kMaxTextSize = 256;
inline constexpr std::size_t kMaxDerivedKeys = 256;  // sensors, engines or reasons of one GPU

// Like Map::try_emplace(), but returns null if the key is new and the map is full.
template <typename Map, typename... Args>
typename Map::mapped_type* try_emplace_limited(Map& map, const std::string& key, Args&&... args) {
  const auto found = map.find(key);
  if (found != map.end()) return &found->second;
  if (map.size() >= kMaxDerivedKeys) return nullptr;
  return &map.try_emplace(key, std::forward<Args>(args)...).first->second;
}

}  // namespace rig
