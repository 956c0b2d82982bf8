#include "rig/metrics/exposition_text.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

namespace rig {

std::string exposition_text(std::span<const prometheus::MetricFamily> families) {
  return prometheus::TextSerializer().Serialize({families.begin(), families.end()});
}

}  // namespace rig
