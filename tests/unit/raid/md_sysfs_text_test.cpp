#include "raid/md_sysfs_text.h"

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

TEST_CASE("The files of an array are read, and there is no text without an array") {
  const TemporaryDirectory directory;
  CHECK_FALSE(read_md_sysfs(directory.path() / "md0"));
  directory.write("md0/size", "0\n");
  CHECK_FALSE(read_md_sysfs(directory.path() / "md0"));  // a device without the md directory
  directory.write("md0/md/array_state", "clean\n");
  directory.write("md0/md/level", "");
  directory.write("md0/md/new_dev", "not read");
  const auto text = read_md_sysfs(directory.path() / "md0");
  REQUIRE(text);
  CHECK(text->files.at("array_state") == "clean");
  CHECK(text->files.at("level").empty());
  CHECK(text->files.count("new_dev") == 0);
  CHECK(text->members.empty());
  CHECK(text->problems.empty());
}

TEST_CASE("An unreadable file is a problem and does not affect the others") {
  const TemporaryDirectory directory;
  directory.write("md0/md/array_state", "clean\n");
  std::filesystem::create_directories(directory.path() / "md0/md/degraded");  // EISDIR
  const auto text = read_md_sysfs(directory.path() / "md0");
  REQUIRE(text);
  REQUIRE(text->problems.size() == 1);
  CHECK(text->problems[0].path == directory.path() / "md0/md/degraded");
  CHECK(text->files.at("array_state") == "clean");
}

TEST_CASE("A text without a newline at its end was truncated, and is not used") {
  const TemporaryDirectory directory;
  directory.write("md0/md/array_state", "clean\n");
  directory.write("md0/md/level", "raid1");  // raid10
  directory.write("md0/md/component_size", "104");
  directory.write("md0/md/dev-sda/state", "in_sync,wri");
  const auto text = read_md_sysfs(directory.path() / "md0").get().value();
  CHECK(text.files.size() == 1);
  CHECK_FALSE(text.members.at(0).state);
  REQUIRE(text.problems.size() == 3);
  CHECK(text.problems[0].detail == "truncated: the last line has no newline");
}

TEST_CASE("The newline at the end of the list of bad blocks is kept") {
  const TemporaryDirectory directory;
  directory.write("md0/md/array_state", "clean\n");
  directory.write("md0/md/dev-sda/errors", "3\n");
  directory.write("md0/md/dev-sda/bad_blocks", "20480 16\n");
  const auto text = read_md_sysfs(directory.path() / "md0").get().value();
  CHECK(text.members.at(0).errors == "3");
  CHECK(text.members.at(0).bad_blocks == "20480 16\n");
}

TEST_CASE("A member's device is present, vanished, or unknown") {
  const TemporaryDirectory directory;
  const auto md0 = directory.path() / "md0";
  directory.write("md0/md/array_state", "clean\n");
  const auto add = [&](const std::string& name, bool device, bool block, bool slave) {
    directory.write("md0/md/dev-" + name + "/slot", "0\n");
    directory.write("md0/md/dev-" + name + "/state", "in_sync\n");
    if (device) directory.write("disks/" + name + "/size", "1\n");
    if (block)
      std::filesystem::create_symlink("../../../disks/" + name,
                                      md0 / "md" / ("dev-" + name) / "block");
    if (slave) {
      std::filesystem::create_directories(md0 / "slaves");
      std::filesystem::create_symlink("../../disks/" + name, md0 / "slaves" / name);
    }
  };
  const auto present = [&] {
    std::map<std::string, std::optional<bool>> found;
    const auto text = read_md_sysfs(md0).get().value();
    for (const auto& member : text.members)
      found[member.directory.substr(4)] = member.device_present;
    return found;
  };
  add("no-links", true, false, false);
  add("block", true, true, false);
  add("dangling", false, true, false);
  CHECK(present() == std::map<std::string, std::optional<bool>>{
                         {"no-links", std::nullopt}, {"block", true}, {"dangling", false}});
  // If there is a slaves directory, devices that are not in it have vanished.
  add("both-links", true, true, true);
  add("slave", true, false, true);
  add("dangling-slave", false, false, true);
  add("dangling-both", false, true, true);
  CHECK(present() == std::map<std::string, std::optional<bool>>{{"no-links", false},
                                                                {"block", false},
                                                                {"dangling", false},
                                                                {"both-links", true},
                                                                {"slave", true},
                                                                {"dangling-slave", false},
                                                                {"dangling-both", false}});
}
