// Formats metric families as the text that Prometheus reads:
// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace prometheus {
struct MetricFamily;
}  // namespace prometheus

namespace rig {

inline constexpr std::string_view kExpositionType = "text/plain; version=0.0.4; charset=utf-8";

std::string exposition_text(std::span<const prometheus::MetricFamily> families);

}  // namespace rig
