// parse_probe_line() accepts exactly the lines that an implementation with nlohmann::json accepts,
// with the same values, and what it accepted is the same after it was written and parsed again.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "gpu_protocol/nlohmann_probe_line.h"
#include "invariant.h"
#include "rig/gpu_protocol/probe_line.h"

namespace rig {
namespace {

void check_line(std::string_view text) {
  const auto line = parse_probe_line(text);
  if (!reference::is_accepted_wrongly(text))
    require(line == reference::parse_probe_line(text), "parsed as by nlohmann::json");
  if (!line) return;
  const auto written = to_json_line(*line);
  require(written.find('\n') == written.npos, "written as one line");
  require(parse_probe_line(written) == line, "the same after it was written and parsed");
  require(reference::parse_probe_line(written) == line, "the same for nlohmann::json");
}

}  // namespace
}  // namespace rig

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  rig::check_line({reinterpret_cast<const char*>(data), size});
  return 0;
}
