#include "doctor/seen.h"

#include <prometheus/metric_family.h>

#include <algorithm>
#include <chrono>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <thread>
#include <utility>

#include "rig/kernel/text.h"
#include "rig/metrics/exposition_text.h"
#include "rig/scrape/scrape.h"

namespace rig {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

struct QuotedText {
  std::string text;
  std::string_view rest;  // behind the closing quote
};

// The escapes of the format are \\, \" and \n.
std::optional<QuotedText> unquote(std::string_view quoted) {
  if (!quoted.starts_with('"')) return std::nullopt;
  std::string text;
  for (std::size_t i = 1; i < quoted.size(); ++i) {
    if (quoted[i] == '"') return QuotedText{std::move(text), quoted.substr(i + 1)};
    if (quoted[i] == '\\' && i + 1 < quoted.size()) {
      ++i;
      text += quoted[i] == 'n' ? '\n' : quoted[i];
    } else {
      text += quoted[i];
    }
  }
  return std::nullopt;
}

std::optional<ExposedSample> parse_sample(std::string_view line) {
  ExposedSample sample;
  const auto name_end = line.find_first_of("{ ");
  if (line.starts_with('#') || name_end == line.npos) return std::nullopt;
  sample.name = line.substr(0, name_end);
  std::string_view rest = line.substr(name_end);
  while (rest.starts_with('{') || rest.starts_with(',')) {
    const auto [label, behind] = split_at(rest.substr(1), '=');
    auto value = unquote(behind);
    if (!value) return std::nullopt;
    sample.labels[std::string(label)] = std::move(value->text);
    rest = value->rest;
  }
  if (rest.starts_with('}')) rest.remove_prefix(1);
  const auto value = parse_number<double>(rest);
  if (!value) return std::nullopt;
  sample.value = *value;
  return sample;
}

}  // namespace

std::string_view ExposedSample::label(std::string_view label_name) const {
  const auto found = labels.find(label_name);
  return found == labels.end() ? std::string_view() : found->second;
}

std::vector<ExposedSample> parse_exposition(std::string_view text) {
  std::vector<ExposedSample> samples;
  for (const auto line : lines(text)) {
    if (auto sample = parse_sample(line)) samples.push_back(*std::move(sample));
  }
  return samples;
}

bool Seen::answered(std::string_view collector) const {
  return std::ranges::any_of(collectors, [&](const CollectorVisit& visit) {
    return visit.name == collector && visit.answered;
  });
}

std::vector<const ExposedSample*> Seen::all(std::string_view metric) const {
  std::vector<const ExposedSample*> found;
  for (const auto& sample : samples) {
    if (sample.name == metric) found.push_back(&sample);
  }
  return found;
}

std::optional<double> Seen::value(
    std::string_view metric,
    std::initializer_list<std::pair<std::string_view, std::string_view>> labels) const {
  for (const auto* sample : all(metric)) {
    const bool is_it = std::ranges::all_of(
        labels, [&](const auto& label) { return sample->label(label.first) == label.second; });
    if (is_it) return sample->value;
  }
  return std::nullopt;
}

Seen scrape_once(std::span<const CollectorInfo> collectors, const Config& config) {
  Scrape scrape(collectors, config, std::make_shared<Instrumentation>());
  scrape.wait_until_ready(Clock::now() + config.scrape_timeout);
  const auto result = scrape.collect({}, Clock::now() + config.scrape_timeout);

  Seen seen{config, {}, {}, {}};
  for (const auto& info : collectors) {
    if (!config.collector_enabled(info.name)) seen.off.emplace_back(info.name);
  }
  for (const auto& collector : result.collectors) {
    seen.collectors.push_back({collector.name, collector.collection != nullptr, {}});
    if (collector.collection)
      seen.collectors.back().problems = collector.collection->samples.problems();
  }
  seen.samples = parse_exposition(exposition_text(scrape.families(result)));
  return seen;
}

}  // namespace rig
