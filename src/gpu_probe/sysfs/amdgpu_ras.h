// Memory and logic errors counted by GPUs with RAS: DEVICE/ras.
// https://docs.kernel.org/gpu/amdgpu/ras.html
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpu_probe/sysfs/field_reader.h"

namespace rig {

// ras/BLOCK_err_count: lines "ue: 0", "ce: 3" and, on newer GPUs, "de: 0". By severity:
// uncorrectable, correctable, deferred. std::nullopt if a line is malformed or cut, or there is
// none.
std::optional<std::map<std::string, double>> parse_ras_counts(std::string_view text);

// ras/gpu_vram_bad_pages, one page per line: "0x0000a000 : 0x00001000 : R". Counts those that are
// retired, pending and unreservable; std::nullopt if a line is malformed or cut.
std::optional<std::map<std::string, double>> parse_bad_pages(std::string_view text);

// The blocks whose errors are counted, from the names of the files in ras: "umc", "gfx", …
std::vector<std::string> ras_blocks(const std::vector<std::string>& files);

void read_ras(FieldReader& device, const std::vector<std::string>& blocks, GpuReading& reading);
void read_bad_pages(FieldReader& device, GpuReading& reading);

}  // namespace rig
