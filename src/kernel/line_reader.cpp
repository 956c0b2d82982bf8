#include "rig/kernel/line_reader.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>

#include "rig/kernel/problem.h"
#include "rig/kernel/unique_fd.h"

namespace rig {
namespace {

constexpr std::size_t kLongestLine = 1U << 20U;

ReadResult<bool> failed(const std::filesystem::path& path, int error_number) {
  auto problem = Problem::from_errno(path, error_number);
  if (problem.reason == Reason::missing) return std::nullopt;
  return problem;
}

}  // namespace

ReadResult<bool> read_lines(const std::filesystem::path& path,
                            const std::function<void(std::string_view line)>& use) {
  const UniqueFd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.is_open()) return failed(path, errno);
  std::array<char, 16384> part;
  std::string line;  // its beginning, from earlier parts
  while (true) {
    const ssize_t got = read(file.get(), part.data(), part.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed(path, errno);
    if (got == 0) return line.empty();
    std::string_view rest(part.data(), static_cast<std::size_t>(got));
    for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
      if (line.empty()) {
        use(rest.substr(0, end));
      } else {
        use(line.append(rest.substr(0, end)));
        line.clear();
      }
      rest.remove_prefix(end + 1);
    }
    line.append(rest);
    if (line.size() > kLongestLine)
      return Problem{Reason::malformed, path.string(),
                     "a line is longer than any that the kernel writes"};
  }
}

}  // namespace rig
