#include "rig/kernel/readable_files.h"

#include <cerrno>

#include "rig/kernel/read_number.h"
#include "support/catch.h"
#include "support/failing_read.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

using Permission = ReadableFiles::Permission;

ReadResult<int> refused(int error_number) { return Problem::from_errno("/x", error_number); }

}  // namespace

TEST_CASE("A file that refuses from the beginning is a property of the machine") {
  const int error_number = GENERATE(EINVAL, EOPNOTSUPP, ENODATA, EPERM, ENOSYS, 524);
  const TemporaryDirectory directory;
  const auto file = directory.write("value", "7\n");
  ReadableFiles files;
  {
    const FailingRead failing(file, error_number);
    const auto first = files.check(file, read_number<int>(file));
    CHECK_FALSE(first);
    CHECK(first.problem() == nullptr);
  }
  CHECK(files.check(file, read_number<int>(file)).value_or(0) == 7);
  const FailingRead failing(file, error_number);
  for (int scrape = 0; scrape < 3; ++scrape)
    CHECK(files.check(file, read_number<int>(file)).problem() != nullptr);
}

TEST_CASE("ENODEV from a file that has given values is a fault") {
  const int error_number = GENERATE(ENODEV, ENXIO);
  const TemporaryDirectory directory;
  const auto file = directory.write("value", "7\n");
  ReadableFiles files;
  {
    const FailingRead failing(file, error_number);
    CHECK(files.check(file, read_number<int>(file)).problem() == nullptr);
  }
  CHECK(files.check(file, read_number<int>(file)));
  const FailingRead failing(file, error_number);
  CHECK(files.check(file, read_number<int>(file)).problem() != nullptr);
}

TEST_CASE("A file that has disappeared is absent and forgotten") {
  const TemporaryDirectory directory;
  const auto file = directory.write("value", "7\n");
  ReadableFiles files;
  CHECK(files.check(file, read_number<int>(file)));
  std::filesystem::remove(file);
  CHECK(files.check(file, read_number<int>(file)).problem() == nullptr);
  directory.write("value", "7\n");
  CHECK(files.check(file, refused(EINVAL)).problem() == nullptr);
}

TEST_CASE("A missing permission is a problem unless it is declared optional") {
  ReadableFiles files;
  CHECK(files.check("/x", refused(EACCES)).problem() != nullptr);
  CHECK(files.check("/x", refused(EACCES), Permission::optional).problem() == nullptr);
  CHECK(files.check("/x", ReadResult<int>(7)));
  CHECK(files.check("/x", refused(EACCES), Permission::optional).problem() != nullptr);
}

TEST_CASE("Other problems are always reported") {
  ReadableFiles files;
  CHECK(files.check("/x", refused(EIO)).problem() != nullptr);
  CHECK(files.check("/x", ReadResult<int>(Problem::malformed("/x", "?"))).problem() != nullptr);
}
