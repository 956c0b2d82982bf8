#include "gpu_probe/sysfs/field_reader.h"

#include <cerrno>

#include "rig/metrics/plausible.h"
#include "support/catch.h"
#include "support/failing_read.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

struct OneFile {
  std::optional<double> read(const std::string& text, const Range& plausible) {
    directory.write("file", text);
    return FieldReader(directory.path(), reading).number("file", 1, plausible);
  }
  TemporaryDirectory directory;
  GpuReading reading;
};

}  // namespace

TEST_CASE("All ones that are not plausible are an unknown number and not a problem") {
  for (const char* text : {"65535", "65535000", "65535000000", "4294967295", "4294967295000",
                           "18446744073709551615", "-1"}) {
    INFO(text);
    OneFile file;
    CHECK_FALSE(file.read(std::string(text) + "\n", {0, 1000}));
    CHECK(file.reading.problems.empty());
    CHECK(file.reading.read_errors == LabeledNumbers{{"unsupported", 1}});
  }
}

TEST_CASE("All ones that are plausible are a number") {
  OneFile file;
  CHECK(file.read("65535\n", kAnyCount) == 65535.0);
  CHECK(file.read("4294967295\n", kAnyCount) == 4294967295.0);
  CHECK(file.read("-1\n", {-1, 1}) == -1.0);
}

TEST_CASE("Numbers near all ones are implausible") {
  for (const char* text : {"65534", "65536", "4294967294", "18446744073709551614", "-2"}) {
    INFO(text);
    OneFile file;
    CHECK_FALSE(file.read(std::string(text) + "\n", {0, 1000}));
    CHECK(file.reading.problems.size() == 1);
  }
}

TEST_CASE("An error of a file that never had a value is not a problem with a history") {
  for (const int error_number : {EINVAL, EOPNOTSUPP, ENODATA, ENODEV, EPERM}) {
    INFO(error_number);
    OneFile file;
    FileHistory history;
    FieldReader reader(file.directory.path(), file.reading, &history);
    file.directory.write("file", "1\n");
    {
      const FailingRead fails(file.directory.path() / "file", error_number);
      CHECK_FALSE(reader.number("file", 1, kAnyCount));
      CHECK(file.reading.problems.empty());
    }
    CHECK(history.refused.size() == (error_number == EPERM ? 1 : 0));
    CHECK(reader.number("file", 1, kAnyCount) == 1.0);
    const FailingRead fails(file.directory.path() / "file", error_number);
    CHECK_FALSE(reader.number("file", 1, kAnyCount));
    REQUIRE(file.reading.problems.size() == 1);
    CHECK(file.reading.problems[0].reason ==
          (error_number == EPERM ? Reason::resetting : Reason::io_error));
  }
}

TEST_CASE("Other errors are problems from the first read on") {
  for (const int error_number : {EIO, EACCES, EBUSY, ETIME}) {
    INFO(error_number);
    OneFile file;
    FileHistory history;
    FieldReader reader(file.directory.path(), file.reading, &history);
    file.directory.write("file", "1\n");
    const FailingRead fails(file.directory.path() / "file", error_number);
    CHECK_FALSE(reader.number("file", 1, kAnyCount));
    CHECK(file.reading.problems.size() == 1);
  }
}
