#include "gpu/supervisor/line_splitter.h"

#include <algorithm>
#include <utility>

namespace rig {

std::vector<std::string> LineSplitter::feed(std::string_view piece) {
  std::vector<std::string> lines;
  for (auto end = piece.find('\n'); end != piece.npos; end = piece.find('\n')) {
    keep(piece.substr(0, end));
    lines.push_back(std::exchange(pending_, {}));
    piece.remove_prefix(end + 1);
  }
  keep(piece);
  return lines;
}

void LineSplitter::keep(std::string_view part) {
  const std::size_t room = longest_ - pending_.size();
  if (part.size() > room) too_long_ = true;
  pending_.append(part.substr(0, std::min(room, part.size())));
}

}  // namespace rig
