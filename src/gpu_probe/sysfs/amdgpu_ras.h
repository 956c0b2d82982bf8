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

// ras/BLOCK_err_count, or ras/aca_BLOCK of MI300 and later since Linux 6.15: lines "ue: 0", "ce: 3"
// and, on newer GPUs, "de: 0". By severity: uncorrectable, correctable, deferred. std::nullopt if a
// line is malformed or truncated, or there is none.
std::optional<std::map<std::string, double>> parse_ras_counts(std::string_view text);

// ras/gpu_vram_bad_pages, one page per line: "0x0000a000 : 0x00001000 : R". Counts those that are
// retired, pending and unreservable; std::nullopt if a line is malformed or truncated.
std::optional<std::map<std::string, double>> parse_bad_pages(std::string_view text);

// ras/event_state: lines "Poison Creation: count:2, last_seqno:7". The counts by event: fatal,
// poison_creation, poison_consumption; others are ignored. std::nullopt if a line is malformed or
// truncated, or there is none of them.
std::optional<std::map<std::string, double>> parse_ras_events(std::string_view text);

// The files in ras with error counts, by block: "umc", "gfx", …
using RasFiles = std::map<std::string, std::string>;
RasFiles ras_files(const std::vector<std::string>& files);

void read_ras(FieldReader& device, const RasFiles& files, GpuReading& reading);
void read_ras_events(FieldReader& device, GpuReading& reading);
void read_bad_pages(FieldReader& device, GpuReading& reading);

}  // namespace rig
