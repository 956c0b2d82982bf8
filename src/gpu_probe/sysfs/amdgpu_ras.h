// Memory and logic errors that a card with RAS has counted: DEVICE/ras.
// https://docs.kernel.org/gpu/amdgpu/ras.html
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gpu_probe/sysfs/field_reader.h"

namespace rig {

// ras/BLOCK_err_count: "ue: 0", "ce: 3" and, on newer cards, "de: 0", a line each. By severity:
// uncorrectable, correctable, deferred. Absent when a line makes no sense, or there is none.
std::optional<std::map<std::string, double>> parse_ras_counts(std::string_view text);

// ras/gpu_vram_bad_pages: "0x0000a000 : 0x00001000 : R" a page. How many are retired, pending and
// unreservable; absent when a line makes no sense.
std::optional<std::map<std::string, double>> parse_bad_pages(std::string_view text);

// The blocks that the card counts errors of, by the names of the files in ras: "umc", "gfx", …
std::vector<std::string> ras_blocks(const std::vector<std::string>& files);

void read_ras(FieldReader& device, const std::vector<std::string>& blocks, GpuReading& reading);
void read_bad_pages(FieldReader& device, GpuReading& reading);

}  // namespace rig
