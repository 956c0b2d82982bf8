#include "rig/kernel/files.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "rig/kernel/unique_fd.h"
#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

using Names = std::vector<std::string>;

template <typename T>
bool is_absent(const ReadResult<T>& result) {
  return !result && result.problem() == nullptr;
}

}  // namespace

TEST_CASE("A missing file or directory is absent and not a problem") {
  const TemporaryDirectory folder;
  CHECK(is_absent(read_text(folder.path() / "gone")));
  CHECK(is_absent(read_text(folder.path() / "no/such/directory")));
  folder.write("file", "x");
  CHECK(is_absent(read_text(folder.path() / "file/below-a-file")));
  CHECK(is_absent(read_text(folder.path() / "gone", 1)));
  CHECK(is_absent(read_trimmed(folder.path() / "gone")));
  CHECK(is_absent(list_names(folder.path() / "gone")));
}

TEST_CASE("An empty file gives an empty string") {
  const TemporaryDirectory folder;
  folder.write("level", "");
  CHECK(read_text(folder.path() / "level").get() == "");
  CHECK(read_trimmed(folder.path() / "level").get() == "");
}

TEST_CASE("A file longer than one read is read completely") {
  const TemporaryDirectory folder;
  const std::string text(100'000, 'x');
  folder.write("long", text);
  CHECK(read_text(folder.path() / "long").get() == text);
}

TEST_CASE("A read error is a problem with path and reason") {
  const TemporaryDirectory folder;
  const auto result = read_text(folder.path());  // a directory: EISDIR
  REQUIRE(result.problem() != nullptr);
  CHECK(*result.problem() == Problem{Reason::io_error, folder.path().string(), "Is a directory"});
  CHECK_THROWS_AS(result.get(), ReadError);
}

TEST_CASE("Only whitespace at the end is trimmed") {
  const TemporaryDirectory folder;
  folder.write("line", "  a b \n");
  CHECK(read_trimmed(folder.path() / "line").get() == "  a b");
}

TEST_CASE("A name without a newline was truncated") {
  const TemporaryDirectory folder;
  CHECK(read_name(folder.write("name", "package-0\n")).get() == "package-0");
  CHECK(read_name(folder.write("name", "")).get() == "");
  CHECK_FALSE(read_name(folder.path() / "none").get());
  const auto truncated = read_name(folder.write("name", "package-"));
  REQUIRE(truncated.problem() != nullptr);
  CHECK_THAT(truncated.problem()->detail, ContainsSubstring("the last line has no newline"));
}

TEST_CASE("A dangling link still has a target name") {
  const TemporaryDirectory folder;
  std::filesystem::create_symlink("../../devices/nowhere/sdb", folder.path() / "block");
  CHECK(link_target_name(folder.path() / "block") == "sdb");
  CHECK_FALSE(link_target_name(folder.path() / "none"));
}

TEST_CASE("The real path of a link is its final target, and absent if it dangles") {
  const TemporaryDirectory folder;
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

TEST_CASE("The names in a directory are sorted") {
  const TemporaryDirectory folder;
  folder.write("b", "");
  folder.write("a", "");
  CHECK(list_names(folder.path()).get() == Names{"a", "b"});
}

TEST_CASE("Not more than the requested size is read") {
  const TemporaryDirectory folder;
  folder.write("long", std::string(10'000, 'x') + "y");
  CHECK(read_text(folder.path() / "long", 5'000).get() == std::string(5'000, 'x'));
  CHECK(read_text(folder.path() / "long", 20'000).get()->back() == 'y');
}

TEST_CASE("An attribute is read completely, whatever its size") {
  const TemporaryDirectory folder;
  for (const std::size_t size : {0U, 1U, 4095U, 4096U, 4097U, 8192U, 10'000U}) {
    const std::string text(size, 'x');
    folder.write("attribute", text);
    CHECK(read_attribute(folder.path() / "attribute").get() == text);
  }
}

TEST_CASE("An attribute is missing, unreadable or too large as any other file") {
  const TemporaryDirectory folder;
  CHECK(is_absent(read_attribute(folder.path() / "gone")));
  CHECK(read_attribute(folder.path()).problem()->detail == "Is a directory");
  folder.write("huge", std::string((4U << 20U) + 1, 'x'));
  CHECK(read_attribute(folder.path() / "huge").problem()->reason == Reason::malformed);
}

TEST_CASE("A short read of an attribute is its last") {
  const TemporaryDirectory folder;
  const auto fifo = folder.path() / "fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  const UniqueFd writer(open(fifo.c_str(), O_RDWR | O_CLOEXEC));
  REQUIRE(write(writer.get(), "68000\n", 6) == 6);
  CHECK(read_attribute(fifo).get() == "68000\n");  // another read would wait for the writer
}

TEST_CASE("Any other file is read until nothing follows, in however small parts it arrives") {
  const TemporaryDirectory folder;
  const auto fifo = folder.path() / "fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  std::thread writer([&fifo] {
    const UniqueFd end(open(fifo.c_str(), O_WRONLY | O_CLOEXEC));
    for (int part = 0; part < 3; ++part) {
      static_cast<void>(!write(end.get(), "x", 1));
      int unread = 1;
      while (unread > 0 && ioctl(end.get(), FIONREAD, &unread) == 0) std::this_thread::yield();
    }
  });
  CHECK(read_text(fifo).get() == "xxx");
  writer.join();
}

TEST_CASE("A file larger than any that the kernel writes is a problem") {
  const TemporaryDirectory folder;
  folder.write("huge", std::string((4U << 20U) + 1, 'x'));
  CHECK(read_text(folder.path() / "huge").problem()->reason == Reason::malformed);
}

TEST_CASE("An observer is called before and after each read of its thread") {
  const TemporaryDirectory folder;
  const auto file = folder.write("file", "text\n");
  const auto link = folder.path() / "link";
  std::filesystem::create_symlink("../gone", link);
  std::vector<KernelRead> seen;
  {
    const ObservedReads observed([&](const KernelRead& read) { seen.push_back(read); });
    read_trimmed(file);
    link_target_name(link);
    list_names(folder.path());
    std::thread([&] { read_text(file); }).join();  // of another thread
  }
  read_text(file);
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
  CHECK(seen[5].kind == Kind::directory);
}

TEST_CASE("An observer receives the errno of a read that failed") {
  const TemporaryDirectory folder;
  std::vector<int> errors;
  const ObservedReads observed([&](const KernelRead& read) {
    if (read.ended) errors.push_back(read.error_number);
  });
  read_text(folder.path() / "gone");
  read_text(folder.path());
  list_names(folder.path() / "gone");
  link_target_name(folder.path() / "gone");
  CHECK_FALSE(may_read_file(folder.path() / "gone"));
  CHECK(errors == std::vector{ENOENT, EISDIR, ENOENT, ENOENT, ENOENT});
}
