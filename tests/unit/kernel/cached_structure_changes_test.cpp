// What scrapes read of a machine that changes between them.
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

#include "kernel/cached_copy.h"
#include "rig/kernel/cached_structure.h"
#include "rig/kernel/files.h"
#include "support/catch.h"

using namespace rig;

namespace {

namespace fs = std::filesystem;

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("After a change the next scrape has what is there now") {
  const CachedCopy copy;
  if (!CachedCopy::is_supported()) return;
  const auto value = [&](const char* name) {
    return read_attribute(copy.path(name)).get().value_or("none");
  };
  CHECK(value("class/device/value") == "1\n");
  CHECK(value("devices/b/value") == "2\n");
  CHECK(value("devices/c/value") == "none");
  CHECK(list_names(copy.path("devices")).get() == Names{"a", "b"});
  CHECK(real_path(copy.path("class/device")) == copy.path("devices/a"));
  CHECK(list_names(copy.path("devices/a")).get() == Names{"value"});

  SECTION("a device is removed, and another one added under its name") {
    fs::remove_all(copy.path("devices/a"));
    refresh_structure();
    CHECK(value("class/device/value") == "none");
    CHECK(list_names(copy.path("devices")).get() == Names{"b"});
    CHECK_FALSE(real_path(copy.path("class/device")));
    copy.write("devices/a/value", "3\n");
    refresh_structure();
    CHECK(value("class/device/value") == "3\n");
    CHECK(list_names(copy.path("devices")).get() == Names{"a", "b"});
  }
  SECTION("a device is removed and added again before the next scrape") {
    fs::remove_all(copy.path("devices/a"));
    copy.write("devices/a/value", "3\n");
    refresh_structure();
    CHECK(value("class/device/value") == "3\n");
  }
  SECTION("a device is replaced by another one under its name") {
    const auto inode = inode_number(copy.path("devices/a"));
    fs::rename(copy.path("devices/a"), copy.path("replaced"));  // so that its inode is not reused
    copy.write("devices/a/value", "3\n");
    refresh_structure();
    CHECK(value("class/device/value") == "3\n");
    CHECK(inode_number(copy.path("devices/a")) != inode);
  }
  SECTION("a device is renamed") {
    fs::rename(copy.path("devices/a"), copy.path("devices/c"));
    refresh_structure();
    CHECK(value("devices/a/value") == "none");
    CHECK(value("devices/c/value") == "1\n");
    CHECK(list_names(copy.path("devices")).get() == Names{"b", "c"});
  }
  SECTION("two devices exchange their names") {
    fs::rename(copy.path("devices/a"), copy.path("devices/c"));
    fs::rename(copy.path("devices/b"), copy.path("devices/a"));
    fs::rename(copy.path("devices/c"), copy.path("devices/b"));
    refresh_structure();
    CHECK(value("class/device/value") == "2\n");
    CHECK(value("devices/b/value") == "1\n");
  }
  SECTION("a file is replaced by rename") {
    fs::rename(copy.write("next", "4\n"), copy.path("devices/a/value"));
    refresh_structure();
    CHECK(value("class/device/value") == "4\n");
  }
  SECTION("a link leads elsewhere") {
    fs::remove(copy.path("class/device"));
    fs::create_directory_symlink("../devices/b", copy.path("class/device"));
    refresh_structure();
    CHECK(value("class/device/value") == "2\n");
    CHECK(real_path(copy.path("class/device")) == copy.path("devices/b"));
    CHECK(link_target_name(copy.path("class/device")) == "b");
  }
  SECTION("what was absent appears") {
    copy.write("devices/c/value", "5\n");
    refresh_structure();
    CHECK(value("devices/c/value") == "5\n");
    CHECK(list_names(copy.path("devices")).get() == Names{"a", "b", "c"});
  }
  SECTION("a listing grows and shrinks") {
    copy.write("devices/a/more", "");
    refresh_structure();
    CHECK(list_names(copy.path("devices/a")).get() == Names{"more", "value"});
    fs::remove(copy.path("devices/a/value"));
    refresh_structure();
    CHECK(list_names(copy.path("devices/a")).get() == Names{"more"});
  }
  SECTION("a name is written to") {
    copy.write("devices/a/name", "nvme\n");
    refresh_structure();
    CHECK(read_name(copy.path("class/device/name")).get() == "nvme");
    copy.write("devices/a/name", "drivetemp\n");
    refresh_structure();
    CHECK(read_name(copy.path("class/device/name")).get() == "drivetemp");
  }
  SECTION("permissions change") {
    if (geteuid() == 0) return;  // root may read everything
    chmod(copy.path("devices/a/value").c_str(), 0);
    refresh_structure();
    CHECK(read_attribute(copy.path("class/device/value")).problem() != nullptr);
    chmod(copy.path("devices/a/value").c_str(), 0600);
    refresh_structure();
    CHECK(value("class/device/value") == "1\n");
  }
}

TEST_CASE(
    "What is found missing although it was listed is read by its path, and all is forgotten") {
  const CachedCopy copy;
  if (!CachedCopy::is_supported()) return;
  CHECK(list_names(copy.path("devices")).get() == Names{"a", "b"});
  fs::remove_all(copy.path("devices/a"));
  CHECK(list_names(copy.path("devices")).get() == Names{"a", "b"});  // the same scrape
  CHECK_FALSE(read_attribute(copy.path("devices/a/value")).get().has_value());
  CHECK(list_names(copy.path("devices")).get() == Names{"b"});
}
