#include "app/service_status.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "rig/kernel/utf8.h"

namespace rig {
namespace {

constexpr std::size_t kMaxListed = 3;
constexpr std::size_t kMaxItem = 160;

// One line of valid UTF-8, whatever a device or a file name contains.
std::string status_item(std::string_view text) {
  std::string item = valid_utf8(text.substr(0, kMaxItem));
  for (char& c : item) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return text.size() > kMaxItem ? item + "..." : item;
}

std::string list_some(std::span<const std::string> items, std::string_view separator) {
  const auto listed = items.first(std::min(items.size(), kMaxListed));
  auto text = fmt::format("{}", fmt::join(listed, separator));
  if (items.size() > listed.size())
    text += fmt::format("{}{} more", separator, items.size() - listed.size());
  return text;
}

std::string why_it_failed(const CollectorResult& collector) {
  if (collector.failure) return to_string(*collector.failure);
  if (!collector.collection) return "timed out";
  return to_string(collector.collection->samples.problems().front());
}

std::string collectors_status(const ScrapeResult& result) {
  std::vector<std::string> failing;
  for (const auto& collector : result.collectors) {
    if (!collector.success())
      failing.push_back(
          status_item(fmt::format("{}: {}", collector.name, why_it_failed(collector))));
  }
  const auto count = result.collectors.size();
  auto text = fmt::format("{} collector{}", count, count == 1 ? "" : "s");
  if (!failing.empty())
    text += fmt::format(", {} failing: {}", failing.size(), list_some(failing, "; "));
  return text;
}

}  // namespace

std::string service_status(std::span<const std::string> addresses, const ScrapeResult* result) {
  std::vector<std::string> shown;
  for (const auto& address : addresses) shown.push_back(status_item(address));
  return fmt::format(
      "serving metrics on {}; {}", list_some(shown, ", "),
      result == nullptr ? "collecting for the first time" : collectors_status(*result));
}

}  // namespace rig
