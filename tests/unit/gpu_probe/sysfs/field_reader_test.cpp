#include "gpu_probe/sysfs/field_reader.h"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <thread>

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
                           "18446744073709551615", "-1", "655000"}) {
    INFO(text);
    OneFile file;
    CHECK_FALSE(file.read(std::string(text) + "\n", {0, 1000}));
    CHECK(file.reading.problems.empty());
    CHECK(file.reading.read_errors == LabeledNumbers{{"unsupported", 1}});
  }
}

TEST_CASE("All ones of hundredths, of which the whole ones are printed, are unknown") {
  OneFile file;
  CHECK_FALSE(file.read("655\n", {0, 100}));  // percent
  CHECK(file.reading.problems.empty());
  CHECK(file.read("655\n", {0, 1000}) == 655.0);
  CHECK_FALSE(file.read("654\n", {0, 100}));
  CHECK(file.reading.problems.size() == 1);
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
  for (const int error_number : {EINVAL, EOPNOTSUPP, ENODATA, ENODEV, EPERM, ENOSYS, ENXIO, 524}) {
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

namespace {

// A file whose read takes longer than a second, and its value.
std::optional<double> read_slowly(const char* name, const char* text, FileHistory& history) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / name;
  mkfifo(path.c_str(), 0600);
  std::thread driver([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    directory.write(name, text);
  });
  GpuReading reading;
  const auto value = FieldReader(directory.path(), reading, &history).number(name, 1e6, kAnyCount);
  driver.join();
  CHECK(reading.problems.empty());
  return value;
}

}  // namespace

TEST_CASE("A power that takes long to be 0 is not read again for an hour") {
  const char* const name = GENERATE("power1_input", "power1_average");
  FileHistory history;
  CHECK(read_slowly(name, "0\n", history) == 0.0);
  REQUIRE(history.not_before.size() == 1);
  OneFile file;
  file.directory.write(name, "9000000\n");
  const auto path = (file.directory.path() / name).string();
  FieldReader reader(file.directory.path(), file.reading, &history);
  history.not_before = {{path, history.not_before.begin()->second}};
  CHECK_FALSE(reader.number(name, 1e6, kAnyCount));
  CHECK(file.reading.read_errors.empty());
  history.not_before[path] = FileHistory::Clock::now();
  CHECK(reader.number(name, 1e6, kAnyCount) == 9.0);
}

TEST_CASE("A slow power that is not 0, and another slow file, are read again") {
  FileHistory history;
  CHECK(read_slowly("power1_average", "31000000\n", history) == 31.0);
  CHECK(read_slowly("gpu_busy_percent", "0\n", history) == 0.0);
  CHECK(history.not_before.empty());
}

TEST_CASE("A power that is 0 at once is read again") {
  OneFile file;
  FileHistory history;
  FieldReader reader(file.directory.path(), file.reading, &history);
  file.directory.write("power1_input", "0\n");
  CHECK(reader.number("power1_input", 1e6, kAnyCount) == 0.0);
  file.directory.write("power1_input", "5000000\n");
  CHECK(reader.number("power1_input", 1e6, kAnyCount) == 5.0);
}
