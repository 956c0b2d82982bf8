#include "gpu_probe/rocm_smi/new_files.h"

#include <filesystem>

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;
namespace fs = std::filesystem;

TEST_CASE("Only new files with the prefix are removed") {
  const TemporaryDirectory directory;
  const auto old = directory.write("boot_old", "");
  const NewFiles files(directory.path(), "boot_");
  const auto left = directory.write("boot_new", "");
  const auto other = directory.write("else", "");
  fs::create_directory(directory.path() / "boot_directory");
  fs::create_symlink(other, directory.path() / "boot_link");
  files.remove();
  CHECK_FALSE(fs::exists(left));
  CHECK(fs::exists(old));
  CHECK(fs::exists(other));
  CHECK(fs::exists(directory.path() / "boot_directory"));
  CHECK(fs::is_symlink(directory.path() / "boot_link"));
}

TEST_CASE("A directory that does not exist has no files") {
  const NewFiles files("/nonexistent", "boot_");
  files.remove();
}
