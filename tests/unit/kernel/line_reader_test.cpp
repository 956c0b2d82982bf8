#include "rig/kernel/line_reader.h"

#include <cerrno>
#include <string>
#include <vector>

#include "support/catch.h"
#include "support/failing_read.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

struct AllLines {
  std::vector<std::string> lines;
  ReadResult<bool> result;
};

AllLines all_lines(const std::filesystem::path& file) {
  AllLines all;
  all.result = read_lines(file, [&](std::string_view line) { all.lines.emplace_back(line); });
  return all;
}

}  // namespace

TEST_CASE("Lines of a file of any size are read, whatever the limits of the reads are") {
  const TemporaryDirectory directory;
  std::string text;
  std::vector<std::string> expected;
  for (std::size_t i = 0; i < 100'000; ++i) {
    expected.push_back(std::string(i % 97, 'x') + std::to_string(i));
    text += expected.back() + "\n";
  }
  const auto all = all_lines(directory.write("long", text));
  CHECK(all.lines == expected);
  CHECK(all.result.value_or(false));
}

TEST_CASE("A last line without a newline is not used") {
  const TemporaryDirectory directory;
  const auto all = all_lines(directory.write("truncated", "a\n\nb 12"));
  CHECK(all.lines == std::vector<std::string>{"a", ""});
  CHECK_FALSE(all.result.value_or(true));
  CHECK(all_lines(directory.write("empty", "")).result.value_or(false));
}

TEST_CASE("An absent file of lines is absent, and one that fails or has no newlines is a problem") {
  const TemporaryDirectory directory;
  const auto absent = all_lines(directory.path() / "absent");
  CHECK_FALSE(absent.result);
  CHECK(absent.result.problem() == nullptr);
  CHECK(all_lines(directory.path()).result.problem() != nullptr);  // EISDIR
  const auto file = directory.write("huge", std::string(2U << 20U, 'x'));
  CHECK(all_lines(file).result.problem() != nullptr);
  const FailingRead fails(file, EIO);
  CHECK(all_lines(file).result.problem()->reason == Reason::io_error);
}
