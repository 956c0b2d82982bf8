#include "rig/kernel/files.h"

#include <cerrno>
#include <thread>

#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace rig;

TEST_CASE("A file that is not there is absent, not an error") {
  const TemporaryFolder folder;
  CHECK_FALSE(read_file(folder.path() / "gone"));
  CHECK_FALSE(read_file(folder.path() / "no/such/folder"));
  folder.write("file", "x");
  CHECK_FALSE(read_file(folder.path() / "file/below-a-file"));
  CHECK(list_directory(folder.path() / "gone").empty());
}

TEST_CASE("An empty file is there and empty") {
  const TemporaryFolder folder;
  folder.write("level", "");
  CHECK(read_file(folder.path() / "level") == "");
  CHECK(read_line(folder.path() / "level") == "");
}

TEST_CASE("A file longer than one read comes whole") {
  const TemporaryFolder folder;
  const std::string text(100'000, 'x');
  folder.write("long", text);
  CHECK(read_file(folder.path() / "long") == text);
}

TEST_CASE("A refused read names the path and keeps its errno") {
  const TemporaryFolder folder;
  try {
    read_file(folder.path());  // a folder: EISDIR
    FAIL("no exception");
  } catch (const ReadError& error) {
    CHECK(error.error_number() == EISDIR);
    CHECK_THAT(error.what(), ContainsSubstring(folder.path().string()));
  }
}

TEST_CASE("A line loses its newline and the blanks at its end only") {
  const TemporaryFolder folder;
  folder.write("line", "  a b \n");
  CHECK(read_line(folder.path() / "line") == "  a b");
}

TEST_CASE("A dangling link still has a target name") {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("../../devices/nowhere/sdb", folder.path() / "block");
  CHECK(link_target_name(folder.path() / "block") == "sdb");
  CHECK_FALSE(link_target_name(folder.path() / "none"));
}

TEST_CASE("The real path of a link is where it ends, and nothing for one that dangles") {
  const TemporaryFolder folder;
  const auto real = std::filesystem::canonical(folder.path());
  std::filesystem::create_directories(real / "devices/sda");
  std::filesystem::create_directory(real / "block");
  std::filesystem::create_directory_symlink("../devices/sda", real / "block/sda");
  std::filesystem::create_directory_symlink("block", real / "class");
  CHECK(real_path(real / "class/sda") == real / "devices/sda");
  CHECK(real_path(real / "devices") == real / "devices");
  std::filesystem::remove(real / "devices/sda");
  CHECK_FALSE(real_path(real / "class/sda"));
}

TEST_CASE("The names in a folder are sorted") {
  const TemporaryFolder folder;
  folder.write("b", "");
  folder.write("a", "");
  CHECK(list_directory(folder.path()) == std::vector<std::string>{"a", "b"});
}

TEST_CASE("The beginning of a file is no more than was asked for") {
  const TemporaryFolder folder;
  folder.write("long", std::string(10'000, 'x') + "y");
  CHECK(try_read_beginning(folder.path() / "long", 5'000).text == std::string(5'000, 'x'));
  CHECK(try_read_beginning(folder.path() / "long", 20'000).text->back() == 'y');
  CHECK_FALSE(try_read_beginning(folder.path() / "gone", 1).text);
}

TEST_CASE("A file larger than any that the kernel writes is refused") {
  const TemporaryFolder folder;
  folder.write("huge", std::string((4U << 20U) + 1, 'x'));
  CHECK_THROWS_AS(read_file(folder.path() / "huge"), ReadError);
}

TEST_CASE("A file that is tried and refused leaves the words of the refusal") {
  const TemporaryFolder folder;
  const auto refused = try_read_file(folder.path());
  CHECK_FALSE(refused.text);
  CHECK_THAT(refused.problem, ContainsSubstring(folder.path().string()));
  CHECK(try_read_file(folder.path() / "gone").problem.empty());
  CHECK(try_read_file(folder.write("file", "x")).text == "x");
}

TEST_CASE("An observer is told of each read of its thread, before and after") {
  const TemporaryFolder folder;
  const auto file = folder.write("file", "text\n");
  const auto link = folder.path() / "link";
  std::filesystem::create_symlink("../gone", link);
  std::vector<KernelRead> seen;
  {
    const ObservedReads observed([&](const KernelRead& read) { seen.push_back(read); });
    read_line(file);
    link_target_name(link);
    list_directory(folder.path());
    std::thread([&] { read_file(file); }).join();  // another thread's
  }
  read_file(file);
  using Kind = KernelRead::Kind;
  REQUIRE(seen.size() == 6);
  for (std::size_t i = 0; i < seen.size(); ++i) {
    CHECK(seen[i].ended == (i % 2 == 1));
    CHECK(seen[i].error_number == 0);
  }
  CHECK(seen[0].path == file);
  CHECK(seen[1].kind == Kind::file);
  CHECK(seen[1].text == "text\n");
  CHECK(seen[3].kind == Kind::link);
  CHECK(seen[3].text == "../gone");
  CHECK(seen[5].kind == Kind::folder);
}

TEST_CASE("An observer is told why there is nothing to read") {
  const TemporaryFolder folder;
  std::vector<int> errors;
  const ObservedReads observed([&](const KernelRead& read) {
    if (read.ended) errors.push_back(read.error_number);
  });
  read_file(folder.path() / "gone");
  try_read_file(folder.path());
  list_directory(folder.path() / "gone");
  link_target_name(folder.path() / "gone");
  CHECK_FALSE(may_read_file(folder.path() / "gone"));
  CHECK(errors == std::vector{ENOENT, EISDIR, ENOENT, ENOENT, ENOENT});
}
