#include "gpu/supervisor/line_splitter.h"

#include <algorithm>
#include <utility>

namespace rig {

std::vector<std::string> LineSplitter::feed(std::string_view chunk) {
  std::vector<std::string> lines;
  for (auto end = chunk.find('\n'); end != chunk.npos; end = chunk.find('\n')) {
    append(chunk.substr(0, end));
    lines.push_back(std::exchange(pending_, {}));
    chunk.remove_prefix(end + 1);
  }
  append(chunk);
  return lines;
}

void LineSplitter::append(std::string_view part) {
  const std::size_t available = max_line_size_ - pending_.size();
  if (part.size() > available) limit_exceeded_ = true;
  pending_.append(part.substr(0, std::min(available, part.size())));
}

}  // namespace rig
