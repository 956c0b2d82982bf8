// The former name of TemporaryDirectory.
#pragma once

#include "support/temporary_directory.h"

using TemporaryFolder = TemporaryDirectory;
