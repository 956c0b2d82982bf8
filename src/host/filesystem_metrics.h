// The metrics of filesystems, and how a filesystem becomes samples of them.
#pragma once

#include <span>

#include "host/ext4_errors.h"
#include "host/filesystem.h"
#include "host/mountinfo.h"
#include "rig/metrics/samples.h"

namespace rig {

std::span<const MetricInfo* const> filesystem_metrics();

// What mountinfo says of it.
void add_readonly(Samples& samples, const Mount& mount);
void add_sizes(Samples& samples, const Mount& mount, const FilesystemView& view);
void add_errors(Samples& samples, const Mount& mount, const Ext4Errors& errors);

}  // namespace rig
