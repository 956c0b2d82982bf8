// The metrics of the filesystem collector, and the conversion to samples.
#pragma once

#include <span>

#include "host/ext4_errors.h"
#include "host/filesystem_usage.h"
#include "host/mountinfo.h"
#include "rig/metrics/samples.h"

namespace rig {

std::span<const MetricInfo* const> filesystem_metrics();

// From mountinfo alone, without accessing the filesystem.
void add_readonly(Samples& samples, const Mount& mount);
void add_sizes(Samples& samples, const Mount& mount, const FilesystemUsage& usage);
void add_errors(Samples& samples, const Mount& mount, const Ext4Errors& errors);
// Adds nothing for 0.
void add_omitted(Samples& samples, std::size_t filesystems);

}  // namespace rig
