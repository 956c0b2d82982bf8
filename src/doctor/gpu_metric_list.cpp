#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <set>
#include <system_error>

#include "doctor/checks.h"
#include "rig/gpu/gpu_families.h"
#include "rig/gpu/gpu_metric_sources.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

namespace fs = std::filesystem;

// At most one * in it.
bool matches(std::string_view pattern, std::string_view name) {
  const auto star = pattern.find('*');
  if (star == pattern.npos) return pattern == name;
  return name.size() + 1 >= pattern.size() && name.starts_with(pattern.substr(0, star)) &&
         name.ends_with(pattern.substr(star + 1));
}

// Looks at names only: no file is opened, no card asked.
std::vector<fs::path> find_files(const fs::path& folder, std::string_view pattern) {
  const auto [first, rest] = split_at(pattern, '/');
  std::vector<fs::path> found;
  std::error_code ignored;
  if (!fs::is_directory(folder, ignored)) return found;
  for (const auto& name : list_directory(folder)) {
    if (!matches(first, name)) continue;
    if (rest.empty()) {
      found.push_back(folder / name);
    } else {
      std::ranges::move(find_files(folder / name, rest), std::back_inserter(found));
    }
  }
  return found;
}

bool may_read(const fs::path& file) { return access(file.c_str(), R_OK) == 0; }

struct Card {
  std::string_view pci_address;
  std::optional<fs::path> device;  // absent: its files are not here, as with a recording
  bool up = false;
  bool asleep = false;
};

std::string why_absent(const GpuMetricSource& origin, const Card& card) {
  std::vector<std::string_view> missing;
  std::vector<std::string_view> refused;
  std::vector<std::string_view> silent;
  for (const auto pattern : card.device ? words(origin.files) : std::vector<std::string_view>()) {
    const auto files = find_files(*card.device, pattern);
    if (files.empty()) {
      missing.push_back(pattern);
    } else if (std::ranges::none_of(files, may_read)) {
      refused.push_back(pattern);
    } else {
      silent.push_back(pattern);
    }
  }
  if (!silent.empty() && card.asleep) return "the card is asleep, and nothing is asked of it";
  if (!silent.empty() && !card.up) return "the card does not answer";
  std::vector<std::string> reasons;
  const auto add = [&](const std::vector<std::string_view>& files, std::string_view one,
                       std::string_view many) {
    if (!files.empty())
      reasons.push_back(
          fmt::format("{} {}", fmt::join(files, " and "), files.size() == 1 ? one : many));
  };
  add(missing, "is not there", "are not there");
  add(refused, "may not be read by this user", "may not be read by this user");
  add(silent, "brought no value", "brought no value");
  if (reasons.empty()) return std::string(origin.where);
  return fmt::format("{} ({})", fmt::join(reasons, ", "), origin.where);
}

bool is_of_a_card(const MetricInfo& metric) {
  const auto end = metric.labels.begin() + static_cast<std::ptrdiff_t>(metric.label_count);
  return std::find(metric.labels.begin(), end, "pci_address") != end;
}

CardMetrics list_for(const Seen& seen, const Card& card, std::string_view number) {
  std::set<std::string_view> had;
  for (const auto& sample : seen.samples) {
    if (sample.label("pci_address") == card.pci_address) had.insert(sample.name);
  }
  CardMetrics list{std::string(number), std::string(card.pci_address), {}, {}};
  for (const auto* metric : kGpuMetrics) {
    if (!is_of_a_card(*metric)) continue;
    const std::string name(metric->name);
    const auto* origin = gpu_metric_source(name);
    if (had.contains(name)) {
      list.present.push_back(name);
    } else {
      list.absent.push_back({name, origin != nullptr ? why_absent(*origin, card) : ""});
    }
  }
  return list;
}

}  // namespace

std::vector<CardMetrics> list_card_metrics(const Seen& seen) {
  const auto cards = list_amdgpu_cards(seen.config.host.sys);
  std::vector<CardMetrics> lists;
  for (const auto* up : seen.all("rig_gpu_up")) {
    const auto address = up->label("pci_address");
    Card card{address, std::nullopt, up->value == 1, false};
    card.asleep = seen.value("rig_gpu_runtime_state",
                             {{"pci_address", address}, {"state", "suspended"}}) == 1;
    const auto found = std::ranges::find(cards, address, &AmdgpuCard::pci_address);
    if (found != cards.end()) card.device = found->device;
    lists.push_back(list_for(seen, card, up->label("gpu")));
  }
  return lists;
}

}  // namespace rig
