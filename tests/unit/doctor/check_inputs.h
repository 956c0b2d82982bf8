// Inputs of the doctor's checks, as a scrape would produce them.
#pragma once

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>

#include "doctor/check_input.h"

// Adds a sample; labels that are not given are empty.
template <std::size_t N>
void add_sample(rig::Samples& samples, const rig::Metric<N>& metric, double value,
                rig::LabelFilter labels = {}) {
  std::array<std::string, N> values;
  for (std::size_t i = 0; i < N; ++i) {
    for (const auto& [name, text] : labels) {
      if (metric.labels[i] == name) values[i] = text;
    }
  }
  std::apply([&](const auto&... texts) { samples.add(metric, value, texts...); }, values);
}

inline rig::CollectorResult collector_result(std::string name, rig::Samples samples = {}) {
  auto collection = std::make_shared<rig::Collection>();
  collection->samples = std::move(samples);
  return {std::move(name), std::move(collection), 0};
}

// A host whose /proc, /sys and root are below `root`, and a scrape of it with these samples.
inline rig::CheckInput input_for(const std::filesystem::path& root, rig::Samples samples = {}) {
  rig::CheckInput input;
  input.config.paths = {root / "proc", root / "sys", root};
  input.config.web.listen_addresses = {":0"};
  input.scrape.collectors = {collector_result("filesystem"), collector_result("raid"),
                             collector_result("gpu", std::move(samples))};
  return input;
}

inline std::filesystem::path rig_directory(std::string_view name) {
  return std::filesystem::path(RIG_TEST_RIGS) / name;
}
