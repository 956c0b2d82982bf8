#include "rig/config/config_error.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <utility>

namespace rig {

ConfigErrors::ConfigErrors(std::vector<std::string> errors)
    : std::runtime_error(fmt::format("{}", fmt::join(errors, "\n"))), errors_(std::move(errors)) {}

}  // namespace rig
