#include "kernel/copied_tree.h"

#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

namespace fs = std::filesystem;

using Use = WatchedDirectory::Use;

// block/md0 is a link to devices/md0, and class to devices.
struct Machine {
  Machine() {
    fs::create_directories(top / "block");
    directory.write("machine/sys/devices/md0/md/level", "raid1\n");
    directory.write("machine/sys/devices/md1/md/level", "raid5\n");
    fs::create_directory_symlink("../devices/md0", top / "block/md0");
    fs::create_directory_symlink("devices", top / "class");
  }
  std::string path(const char* name) const { return top / name; }

  const TemporaryDirectory directory;
  const fs::path top = fs::canonical(directory.path()) / "machine/sys";
};

bool is_supported(const Machine& machine) {
  const bool supported = CopiedTree::reports_changes(machine.top);
  if (!supported) WARN("not tested: inotify is not relied on in this filesystem");
  return supported;
}

}  // namespace

TEST_CASE("A change of anything that a path leads through is reported once") {
  const Machine machine;
  if (!is_supported(machine)) return;
  CopiedTree tree(machine.top);
  REQUIRE(tree.watch(machine.path("block/md0/md/level"), Use::look_up));
  CHECK_FALSE(tree.has_changed());

  SECTION("the file is removed") { fs::remove(machine.path("devices/md0/md/level")); }
  SECTION("the file is replaced by rename") {
    std::ofstream(machine.path("level")) << "raid6\n";
    fs::rename(machine.path("level"), machine.path("devices/md0/md/level"));
  }
  SECTION("its permissions change") { chmod(machine.path("devices/md0/md/level").c_str(), 0); }
  SECTION("its directory is renamed") {
    fs::rename(machine.path("devices/md0/md"), machine.path("devices/md0/dm"));
  }
  SECTION("the permissions of its directory change") {
    chmod(machine.path("devices/md0/md").c_str(), 0500);
  }
  SECTION("the device is removed") { fs::remove_all(machine.path("devices/md0")); }
  SECTION("the device is renamed") {
    fs::rename(machine.path("devices/md0"), machine.path("devices/md2"));
  }
  SECTION("the link is removed") { fs::remove(machine.path("block/md0")); }
  SECTION("the link is replaced by rename") {
    fs::create_directory_symlink("../devices/md1", machine.path("next"));
    fs::rename(machine.path("next"), machine.path("block/md0"));
  }
  SECTION("a directory above all is renamed") {
    fs::rename(machine.path("devices"), machine.path("other"));
  }
  SECTION("the tree itself is replaced") {
    fs::rename(machine.top, machine.directory.path() / "old");
    fs::create_directory(machine.top);
  }
  SECTION("a directory above the tree is replaced, which is not watched") {
    fs::rename(machine.top.parent_path(), machine.directory.path() / "old");
    fs::create_directories(machine.top);
  }
  CHECK(tree.has_changed());
  CHECK_FALSE(tree.has_changed());
}

TEST_CASE("A change of a value is none of the structure") {
  const Machine machine;
  if (!is_supported(machine)) return;
  CopiedTree tree(machine.top);
  REQUIRE(tree.watch(machine.path("block/md0/md/level"), Use::look_up));
  machine.directory.write("machine/sys/devices/md0/md/level", "raid10\n");
  CHECK_FALSE(tree.has_changed());
}

TEST_CASE("A change of the content of a file that was read is reported") {
  const Machine machine;
  if (!is_supported(machine)) return;
  CopiedTree tree(machine.top);
  REQUIRE(tree.watch(machine.path("block/md0/md/level"), Use::read));
  CHECK_FALSE(tree.has_changed());
  machine.directory.write("machine/sys/devices/md0/md/level", "raid10\n");
  CHECK(tree.has_changed());
  CHECK_FALSE(tree.has_changed());
}

TEST_CASE("What appears where something was missing is reported") {
  const Machine machine;
  if (!is_supported(machine)) return;
  CopiedTree tree(machine.top);
  SECTION("a file") {
    REQUIRE(tree.watch(machine.path("block/md0/md/uuid"), Use::look_up));
    CHECK_FALSE(tree.has_changed());
    machine.directory.write("machine/sys/devices/md0/md/uuid", "x");
  }
  SECTION("the first of the missing directories above it") {
    REQUIRE(tree.watch(machine.path("block/md2/md/uuid"), Use::look_up));
    CHECK_FALSE(tree.has_changed());
    fs::create_directory(machine.path("block/md2"));
  }
  SECTION("the target of a link that leads nowhere") {
    fs::create_directory_symlink("../devices/md9", machine.path("block/md9"));
    REQUIRE(tree.watch(machine.path("block/md9/size"), Use::look_up));
    CHECK_FALSE(tree.has_changed());
    fs::create_directory(machine.path("devices/md9"));
  }
  CHECK(tree.has_changed());
}

TEST_CASE("Names that are added to or removed from a listed directory are reported") {
  const Machine machine;
  if (!is_supported(machine)) return;
  CopiedTree tree(machine.top);
  REQUIRE(tree.watch(machine.path("block/md0/md"), Use::list));
  CHECK_FALSE(tree.has_changed());
  SECTION("added") { fs::create_directory(machine.path("devices/md0/md/dev-sda")); }
  SECTION("removed") { fs::remove(machine.path("devices/md0/md/level")); }
  SECTION("renamed") {
    fs::rename(machine.path("devices/md0/md/level"), machine.path("devices/md0/md/layout"));
  }
  CHECK(tree.has_changed());
}

TEST_CASE("After all was forgotten a path is watched where it leads then") {
  const Machine machine;
  if (!is_supported(machine)) return;
  CopiedTree tree(machine.top);
  REQUIRE(tree.watch(machine.path("block/md0/md/level"), Use::look_up));
  fs::remove(machine.path("block/md0"));
  fs::create_directory_symlink("../devices/md1", machine.path("block/md0"));
  CHECK(tree.has_changed());
  tree.forget();
  REQUIRE(tree.watch(machine.path("block/md0/md/level"), Use::look_up));
  CHECK_FALSE(tree.has_changed());
  fs::remove(machine.path("devices/md1/md/level"));
  CHECK(tree.has_changed());
}

TEST_CASE("Paths that lead out of the tree, or in circles, are not watched") {
  const Machine machine;
  if (!is_supported(machine)) return;
  machine.directory.write("machine/elsewhere/file", "x");
  fs::create_directory_symlink("../../elsewhere", machine.path("block/out"));
  fs::create_directory_symlink(machine.path("devices"), machine.path("block/absolute"));
  fs::create_directory_symlink("circle", machine.path("block/circle"));
  fs::create_directory_symlink("b", machine.path("block/a"));
  fs::create_directory_symlink("a", machine.path("block/b"));
  CopiedTree tree(machine.top);
  for (const char* path : {"block/out/file", "block/absolute/md0", "block/circle", "block/a/x",
                           "../elsewhere/file", "block/../../elsewhere/file"}) {
    CAPTURE(path);
    CHECK_FALSE(tree.watch(machine.path(path), Use::look_up));
  }
  CHECK_FALSE(tree.watch("/", Use::list));
  CHECK_FALSE(tree.watch(machine.top.string() + "2", Use::list));
}

TEST_CASE("A path may go up and down within the tree, and through several links") {
  const Machine machine;
  if (!is_supported(machine)) return;
  CopiedTree tree(machine.top);
  for (const char* path : {"block/../class/md0/md/level", "block/md0/../md1/md", "./block//md0/",
                           "class/../block/md0", "block/md0/md/level"}) {
    CAPTURE(path);
    CHECK(tree.watch(machine.path(path), Use::look_up));
  }
  CHECK_FALSE(tree.has_changed());
  fs::remove_all(machine.path("devices/md1"));
  CHECK(tree.has_changed());
}

TEST_CASE("A file in place of a directory is not watched") {
  const Machine machine;
  if (!is_supported(machine)) return;
  CopiedTree tree(machine.top);
  CHECK_FALSE(tree.watch(machine.path("devices/md0/md/level"), Use::list));
  CHECK_FALSE(tree.watch(machine.path("devices/md0/md/level/below"), Use::look_up));
}

TEST_CASE("When there are too many watches, further paths are not watched until all is forgotten") {
  const Machine machine;
  if (!is_supported(machine)) return;
  CopiedTree tree(machine.top, 4);
  CHECK(tree.watch(machine.path("devices/md0/md/level"), Use::look_up));  // four directories
  CHECK_FALSE(tree.watch(machine.path("devices/md1/md/level"), Use::look_up));
  CHECK(tree.watch(machine.path("devices/md0/md/uuid"), Use::look_up));
  tree.forget();
  CHECK(tree.watch(machine.path("devices/md1/md/level"), Use::look_up));
  CHECK_FALSE(tree.has_changed());
  fs::remove(machine.path("devices/md1/md/level"));
  CHECK(tree.has_changed());
}

TEST_CASE("A tree has changed if events were lost") {
  const Machine machine;
  if (!is_supported(machine)) return;
  std::size_t most = 0;
  std::ifstream("/proc/sys/fs/inotify/max_queued_events") >> most;
  if (most == 0 || most > 100'000) {
    WARN("not tested: the queue of events is too long");
    return;
  }
  CopiedTree tree(machine.top);
  REQUIRE(tree.watch(machine.path("devices"), Use::list));
  const auto first = machine.path("devices/first");
  const auto second = machine.path("devices/second");
  fs::create_directory(first);
  for (std::size_t event = 0; event < most; event += 4) {  // equal events in a row are merged
    fs::rename(first, second);
    fs::rename(second, first);
  }
  CHECK(tree.has_changed());
  CHECK_FALSE(tree.has_changed());
}

TEST_CASE("Filesystems in which others may make changes are not watched") {
  CHECK_FALSE(CopiedTree::reports_changes("/proc"));
  CHECK_FALSE(CopiedTree::reports_changes("/missing"));
  CopiedTree proc("/proc");
  CHECK_FALSE(proc.watch("/proc/self", Use::list));
}
