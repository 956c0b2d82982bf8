#include "gpu_probe/rocm_smi/new_files.h"

#include <filesystem>

#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace rig;
namespace fs = std::filesystem;

TEST_CASE("Only files that came since, with that beginning, are removed") {
  const TemporaryFolder folder;
  const auto old = folder.write("boot_old", "");
  const NewFiles files(folder.path(), "boot_");
  const auto left = folder.write("boot_new", "");
  const auto other = folder.write("else", "");
  fs::create_directory(folder.path() / "boot_folder");
  fs::create_symlink(other, folder.path() / "boot_link");
  files.remove();
  CHECK_FALSE(fs::exists(left));
  CHECK(fs::exists(old));
  CHECK(fs::exists(other));
  CHECK(fs::exists(folder.path() / "boot_folder"));
  CHECK(fs::is_symlink(folder.path() / "boot_link"));
}

TEST_CASE("A folder that is not there has no files") {
  const NewFiles files("/nonexistent", "boot_");
  files.remove();
}
