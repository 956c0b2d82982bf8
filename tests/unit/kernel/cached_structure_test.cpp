#include "rig/kernel/cached_structure.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "kernel/copied_tree.h"
#include "kernel/structure_cache.h"
#include "rig/kernel/files.h"
#include "rig/kernel/kept_descriptors.h"
#include "support/catch.h"
#include "support/few_descriptors.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

namespace fs = std::filesystem;

using FactKind = Fact::Kind;
using Names = std::vector<std::string>;

// The copy of a machine's procfs whose structure this process remembers: it can be only one. sysfs
// is the running kernel's.
const fs::path& cached_copy() {
  static const TemporaryDirectory directory;
  static const fs::path copy = [] {
    const auto proc = fs::canonical(directory.path()) / "proc";
    fs::create_directory(proc);
    cache_structure({.proc = proc, .sys = "/sys", .root = "/"});
    return proc;
  }();
  return copy;
}

// A machine that is different for each test. Each begins with a scrape.
class CachedCopy {
 public:
  CachedCopy() {
    write("devices/a/value", "1\n");
    write("devices/b/value", "2\n");
    fs::create_directory(top / "class");
    fs::create_directory_symlink("../devices/a", top / "class/device");
    refresh_structure();
  }
  CachedCopy(const CachedCopy&) = delete;
  CachedCopy& operator=(const CachedCopy&) = delete;
  ~CachedCopy() {
    fs::remove_all(top);
    refresh_structure();
  }

  std::string path(const std::string& name) const { return top / name; }
  std::string write(const std::string& name, const std::string& text) const {
    fs::create_directories((top / name).parent_path());
    std::ofstream(top / name) << text;
    return top / name;
  }
  static bool is_supported() {
    if (CopiedTree::reports_changes(cached_copy())) return true;
    WARN("not tested: inotify is not relied on in this filesystem");
    return false;
  }

  const fs::path top = cached_copy() / "machine";
};

bool is_known(FactKind kind, const std::string& path) {
  return structure_cache()->find(kind, path).has_value();
}

}  // namespace

TEST_CASE("What is read of a copy is remembered, and reads of it give the same again") {
  const CachedCopy copy;
  if (!CachedCopy::is_supported()) return;
  for (int scrape = 0; scrape < 3; ++scrape) {
    CHECK(list_names(copy.path("devices")).get() == Names{"a", "b"});
    CHECK_FALSE(list_names(copy.path("missing")).get().has_value());
    CHECK(link_target_name(copy.path("class/device")) == "a");
    CHECK_FALSE(link_target_name(copy.path("devices")));
    CHECK(real_path(copy.path("class/device")) == copy.path("devices/a"));
    CHECK(is_present(copy.path("devices/a")) == true);
    CHECK(is_present(copy.path("devices/c")) == false);
    CHECK_FALSE(read_attribute(copy.path("devices/c/value")).get().has_value());
    CHECK_FALSE(read_text(copy.path("devices/a/missing")).get().has_value());
    refresh_structure();
  }
  CHECK(is_known(FactKind::names, copy.path("devices")));
  CHECK(is_known(FactKind::names, copy.path("missing")));
  CHECK(is_known(FactKind::link, copy.path("class/device")));
  CHECK(is_known(FactKind::real_path, copy.path("class/device")));
  CHECK(is_known(FactKind::presence, copy.path("devices/c")));
  CHECK(is_known(FactKind::no_file, copy.path("devices/c/value")));
  CHECK(is_known(FactKind::no_file, copy.path("devices/a/missing")));
}

TEST_CASE("Values are read every time, through a descriptor that is kept open") {
  const CachedCopy copy;
  if (!CachedCopy::is_supported()) return;
  for (const char* const name : {"devices/a/value", "class/device/value"}) {
    CHECK(read_attribute(copy.path(name)).get() == "1\n");
    REQUIRE(kept_attributes()->size() > 0);
    for (const std::string& text :
         Names{"7\n", "longer than before\n", "", "8\n", std::string(9000, 'x')}) {
      copy.write("devices/a/value", text);
      CHECK(read_attribute(copy.path(name)).get() == text);
      refresh_structure();
      CHECK(read_attribute(copy.path(name)).get() == text);
    }
    copy.write("devices/a/value", "1\n");
  }
}

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

TEST_CASE("An observer sees every read, whatever is known") {
  const CachedCopy copy;
  if (!CachedCopy::is_supported()) return;
  for (int time = 0; time < 2; ++time) {
    list_names(copy.path("devices"));
    link_target_name(copy.path("class/device"));
    read_attribute(copy.path("missing"));
  }
  REQUIRE(is_known(FactKind::no_file, copy.path("missing")));
  std::vector<KernelRead> reads;
  const ObservedReads observed([&](const KernelRead& read) {
    if (read.ended) reads.push_back(read);
  });
  list_names(copy.path("devices"));
  link_target_name(copy.path("class/device"));
  read_attribute(copy.path("missing"));
  read_text(fs::path(copy.path("missing")));
  REQUIRE(reads.size() == 4);
  CHECK(reads[1].text == "../devices/a");
  CHECK(reads[2].error_number == ENOENT);
}

TEST_CASE("A FIFO in a copy is not kept open") {
  const CachedCopy copy;
  if (!CachedCopy::is_supported()) return;
  const auto fifo = copy.path("fifo");
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  refresh_structure();
  const UniqueFd writer(open(fifo.c_str(), O_RDWR | O_CLOEXEC));
  const auto kept = kept_attributes()->size();
  for (const std::string& text : Names{"1\n", "2\n"}) {
    REQUIRE(write(writer.get(), text.data(), text.size()) == 2);
    CHECK(read_attribute(fifo).get() == text);
  }
  CHECK(kept_attributes()->size() == kept);
}

TEST_CASE("Without free descriptors the kept ones of a copy are closed, and the rest is known") {
  const CachedCopy copy;
  if (!CachedCopy::is_supported()) return;
  CHECK(read_attribute(copy.path("devices/a/value")).get() == "1\n");
  CHECK(list_names(copy.path("devices")).get() == Names{"a", "b"});
  const FewDescriptors few;
  CHECK(list_names(copy.path("devices")).get() == Names{"a", "b"});
  CHECK(list_names(copy.path("class")).get() == Names{"device"});
  CHECK(kept_attributes()->size() == 0);
  CHECK(read_attribute(copy.path("devices/b/value")).get() == "2\n");
}

TEST_CASE("Nothing is remembered of files elsewhere") {
  const TemporaryDirectory other;
  other.write("device/value", "1\n");
  const CachedCopy copy;
  const auto before = kept_attributes() == nullptr ? 0 : kept_attributes()->size();
  CHECK(list_names(other.path()).get() == Names{"device"});
  CHECK(read_attribute(other.path() / "device/value").get() == "1\n");
  CHECK_FALSE(is_known(FactKind::names, other.path()));
  CHECK((kept_attributes() == nullptr ? 0 : kept_attributes()->size()) == before);
}

TEST_CASE("The kernel's sysfs reads the same with and without the cache") {
  const CachedCopy copy;
  const std::vector<std::string> directories = {"/sys/block", "/sys/class/net", "/sys/class/hwmon",
                                                "/sys/devices/system/cpu", "/sys/missing"};
  for (int scrape = 0; scrape < 3; ++scrape) {
    refresh_structure();
    for (const std::string& directory : directories) {
      CAPTURE(directory);
      const auto cached = list_names(directory).get();
      const ObservedReads uncached([](const KernelRead& /*read*/) {});
      CHECK(cached == list_names(directory).get());
      for (const std::string& name : cached.value_or(Names())) {
        const auto path = directory + "/" + name;
        CHECK(real_path(path) == fs::canonical(path));
      }
    }
  }
}
