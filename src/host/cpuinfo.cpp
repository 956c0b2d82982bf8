#include "host/cpuinfo.h"

#include <algorithm>
#include <initializer_list>
#include <optional>

#include "rig/kernel/files.h"
#include "rig/kernel/text.h"

namespace rig {
namespace {

// The value of the first line with the first of `keys` that has one.
std::string first_value(std::string_view text, std::initializer_list<std::string_view> keys) {
  const auto all = complete_lines(text);
  for (const std::string_view key : keys) {
    for (const std::string_view line : all) {
      const Split split = split_at(line, ':');
      if (trim(split.before) == key && !trim(split.after).empty())
        return std::string(trim(split.after));
    }
  }
  return {};
}

// s390: "processor 0: version = FF,  identification = 0133E8,  machine = 2964".
std::string machine_of_s390(std::string_view text) {
  constexpr std::string_view kKey = "machine = ";
  for (const std::string_view line : complete_lines(text)) {
    const auto at = line.find(kKey);
    if (!line.starts_with("processor") || at == line.npos) continue;
    return std::string(trim(split_at(line.substr(at + kKey.size()), ',').before));
  }
  return {};
}

}  // namespace

CpuModel parse_cpuinfo(std::string_view text) {
  CpuModel cpu{.model = first_value(text, {"model name", "Model Name", "cpu model", "cpu", "uarch",
                                           "CPU part", "cpu type", "Processor", "CPU"}),
               .vendor = first_value(text, {"vendor_id", "CPU implementer", "mvendorid"}),
               .microcode = first_value(text, {"microcode"})};
  if (cpu.model.empty()) cpu.model = machine_of_s390(text);
  if (cpu.model.empty())
    cpu.model = first_value(text, {"Hardware", "machine", "Model", "system type"});
  return cpu;
}

std::string model_identifier(std::string_view text) {
  return first_value(text, {"marchid", "model", "architecture", "isa"});
}

std::string read_device_tree_model(const RootPaths& roots) {
  for (const auto& directory :
       {roots.proc / "device-tree", roots.sys / "firmware/devicetree/base"}) {
    for (const char* file : {"model", "compatible"}) {
      const auto text = read_text(directory / file, kFirstCpuBytes);
      const std::string_view whole = text ? std::string_view(*text) : std::string_view();
      std::string first(trim(split_at(whole, '\0').before));
      if (!first.empty()) return first;
    }
  }
  return {};
}

bool measures_frequency(std::string_view text) {
  const std::string flags = first_value(text, {"flags"});
  return std::ranges::count(words(flags), "aperfmperf") != 0;
}

std::map<unsigned, double> parse_cpu_hertz(std::string_view text) {
  std::map<unsigned, double> hertz;
  std::optional<unsigned> cpu;
  for (const std::string_view line : complete_lines(text)) {
    const Split split = split_at(line, ':');
    const std::string_view key = trim(split.before);
    if (key == "processor") cpu = parse_number<unsigned>(split.after);
    if (key != "cpu MHz" || !cpu) continue;
    const auto megahertz = parse_number<double>(split.after);
    if (megahertz && *megahertz > 0) hertz[*cpu] = *megahertz * 1e6;
  }
  return hertz;
}

}  // namespace rig
