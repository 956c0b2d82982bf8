// The marketing name of a GPU, which amdgpu does not report for consumer GPUs.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace rig {

// From ROOT/usr/share/libdrm/amdgpu.ids, which distinguishes 0x73bf revision 0xc3 (RX 6800) from
// revision 0xc1 (RX 6800 XT); else from udev's hardware database, which does not; else empty.
std::string marketing_name(const std::filesystem::path& root, std::string_view device_id,
                           std::string_view revision, std::string_view uevent);

// The model that this system's udev hardware database (hwdb.bin) has for a MODALIAS
// ("pci:v00001002d000073BF…"); empty if it has none.
std::string hwdb_model(const std::string& modalias);

}  // namespace rig
