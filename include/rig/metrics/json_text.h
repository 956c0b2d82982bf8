// Formats metric families as JSON, with exactly the numbers of the text format
// (src/metrics/number_text.h).
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace prometheus {
struct MetricFamily;
}  // namespace prometheus

namespace rig {

// JSON has no NaN and no infinities: they are the strings "NaN", "+Inf" and "-Inf".
void append_json_number(std::string& json, double value);
// With quotes. Invalid UTF-8 is replaced.
void append_json_string(std::string& json, std::string_view text);

// Counters, gauges and histograms, in the order of the text format:
//
//   {"NAME": [[{"LABEL": "VALUE"}, 68], ...], ...}
//
// The names are those of the samples in the text: a histogram is NAME_count, NAME_sum and
// NAME_bucket.
std::string families_json(std::span<const prometheus::MetricFamily> families);

}  // namespace rig
