#include "web/exposition_format.h"

#include <algorithm>

#include "web/weighted_list.h"

namespace rig {
namespace {

// True for an item that means this version, or any.
bool has_version(const WeightedItem& item, std::string_view version) {
  return item.parameter("version").value_or(version) == version;
}

}  // namespace

ExpositionFormat preferred_format(std::string_view accept) {
  double openmetrics = 0;
  double text = 0;
  int specific = -1;  // the most specific range that contains the text format: 0, 1 or 2
  const auto set_text = [&](int how_specific, double weight) {
    if (how_specific < specific) return;
    specific = how_specific;
    text = weight;
  };
  for (const auto& item : weighted_list(accept)) {
    if (item.is("application/openmetrics-text") && has_version(item, "1.0.0"))
      openmetrics = std::max(openmetrics, item.weight);
    if (item.is("text/plain") && has_version(item, "0.0.4")) set_text(2, item.weight);
    if (item.is("text/*")) set_text(1, item.weight);
    if (item.is("*/*")) set_text(0, item.weight);
  }
  return openmetrics > text ? ExpositionFormat::openmetrics : ExpositionFormat::text;
}

}  // namespace rig
