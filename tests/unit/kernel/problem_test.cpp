#include "rig/kernel/problem.h"

#include <cerrno>

#include "support/catch.h"

using namespace rig;

TEST_CASE("The text of a problem is one line that starts with the path") {
  CHECK(to_string(Problem{Reason::io_error, "/sys/x", "Input/output error"}) ==
        "/sys/x: Input/output error");
  CHECK(to_string(Problem{Reason::failed, "", "out of memory"}) == "out of memory");
  CHECK(to_string(Problem::timed_out("/proc/mdstat")) == "/proc/mdstat: read timed out");
  CHECK(to_string(Problem::malformed("/proc/x", "a b")) == "/proc/x: malformed: \"a b\"");
}

TEST_CASE("A quoted text is on one line and never truncated within a character") {
  CHECK(quoted_text("a\tb\nc\x1b[31m\x7f") == "\"a b c [31m \"");
  CHECK(quoted_text(std::string(80, 'x')) == '"' + std::string(80, 'x') + '"');
  CHECK(quoted_text(std::string(79, 'x') + "\u00e4") == '"' + std::string(79, 'x') + "...\"");
  CHECK(quoted_text(std::string(78, 'x') + "\u00e4y") ==
        '"' + std::string(78, 'x') + "\u00e4...\"");
  CHECK(quoted_text(std::string(200, '\x80')).size() < 90);
}

TEST_CASE("The texts of a bounded problem are short and on one line") {
  const Problem small{Reason::failed, "/x", "out of memory"};
  CHECK(bounded(small) == small);
  const Problem large =
      bounded({Reason::malformed, std::string(1'000'000, 'p'), std::string(1'200'000, '\n')});
  CHECK(large.path == std::string(300, 'p') + "...");
  CHECK(large.detail == std::string(300, ' ') + "...");
}

TEST_CASE("A quoted text is shortened") {
  CHECK(to_string(Problem::malformed("x", std::string(1000, 'y'))).size() < 120);
}

TEST_CASE("The reason of a problem follows from the errno of the read") {
  CHECK(reason_for_errno(EACCES) == Reason::permission_denied);
  CHECK(reason_for_errno(EPERM) == Reason::not_permitted);
  CHECK(reason_for_errno(ENODEV) == Reason::missing);
  CHECK(reason_for_errno(EOPNOTSUPP) == Reason::unsupported);
  CHECK(reason_for_errno(EINVAL) == Reason::unsupported);
  CHECK(reason_for_errno(ENOSYS) == Reason::unsupported);
  CHECK(reason_for_errno(524) == Reason::unsupported);  // ENOTSUPP, which the kernel has only
  CHECK(reason_for_errno(ENXIO) == Reason::missing);
  CHECK(reason_for_errno(EBUSY) == Reason::busy);
  CHECK(reason_for_errno(ETIMEDOUT) == Reason::timed_out);
  CHECK(reason_for_errno(EMFILE) == Reason::failed);
  CHECK(reason_for_errno(EIO) == Reason::io_error);
  CHECK(Problem::from_errno("/x", EACCES) ==
        Problem{Reason::permission_denied, "/x", "Permission denied"});
}

TEST_CASE("Every reason is converted to a word and back") {
  for (int i = 0; i <= static_cast<int>(Reason::failed); ++i) {
    const auto reason = static_cast<Reason>(i);
    CHECK(parse_reason(to_string(reason)) == reason);
  }
  CHECK(parse_reason("no such word") == Reason::failed);
}
