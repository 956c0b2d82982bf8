#include "host/required_file.h"

#include <utility>

#include "rig/kernel/files.h"

namespace rig {

ReadResult<std::string> read_required(const std::filesystem::path& file) {
  auto text = read_text(file);
  const bool absent = !text && text.problem() == nullptr;
  return absent ? Problem::missing(file, "missing; is --path.procfs correct?") : std::move(text);
}

}  // namespace rig
