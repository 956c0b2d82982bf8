#include "rig/kernel/cached_structure.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string>
#include <vector>

#include "kernel/cached_copy.h"
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

std::uint64_t inode_of(const std::string& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_ino;
}

bool is_known(FactKind kind, const std::string& path) {
  return structure_cache()->find(kind, path).has_value();
}

}  // namespace

TEST_CASE("What is read of a copy is remembered, and reads of it give the same again") {
  const CachedCopy copy;
  if (!CachedCopy::is_supported()) return;
  copy.write("devices/b/name", "coretemp\n");
  refresh_structure();
  for (int scrape = 0; scrape < 3; ++scrape) {
    CHECK(list_names(copy.path("devices")).get() == Names{"a", "b"});
    CHECK_FALSE(list_names(copy.path("missing")).get().has_value());
    CHECK(link_target_name(copy.path("class/device")) == "a");
    CHECK_FALSE(link_target_name(copy.path("devices")));
    CHECK(real_path(copy.path("class/device")) == copy.path("devices/a"));
    CHECK(inode_number(copy.path("devices/a")) == inode_of(copy.path("devices/a")));
    CHECK_FALSE(inode_number(copy.path("devices/c")));
    CHECK(is_present(copy.path("devices/a")) == true);
    CHECK(is_present(copy.path("devices/c")) == false);
    CHECK_FALSE(read_attribute(copy.path("devices/c/value")).get().has_value());
    CHECK_FALSE(read_text(copy.path("devices/a/missing")).get().has_value());
    CHECK(read_name(copy.path("devices/b/name")).get() == "coretemp");
    refresh_structure();
  }
  CHECK(is_known(FactKind::names, copy.path("devices")));
  CHECK(is_known(FactKind::names, copy.path("missing")));
  CHECK(is_known(FactKind::link, copy.path("class/device")));
  CHECK(is_known(FactKind::real_path, copy.path("class/device")));
  CHECK(is_known(FactKind::presence, copy.path("devices/c")));
  CHECK(is_known(FactKind::inode, copy.path("devices/a")));
  CHECK(is_known(FactKind::file, copy.path("devices/c/value")));
  CHECK(is_known(FactKind::file, copy.path("devices/a/missing")));
  CHECK(is_known(FactKind::name, copy.path("devices/b/name")));
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

TEST_CASE("An observer sees every read, whatever is known") {
  const CachedCopy copy;
  if (!CachedCopy::is_supported()) return;
  for (int time = 0; time < 2; ++time) {
    list_names(copy.path("devices"));
    link_target_name(copy.path("class/device"));
    read_attribute(copy.path("missing"));
  }
  REQUIRE(is_known(FactKind::file, copy.path("missing")));
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

TEST_CASE("Direct reads use nothing that is known, and leave nothing") {
  const CachedCopy copy;
  if (!CachedCopy::is_supported()) return;
  CHECK(list_names(copy.path("devices")).get() == Names{"a", "b"});
  CHECK(read_attribute(copy.path("devices/a/value")).get() == "1\n");
  const auto known = structure_cache()->size();
  const auto kept = kept_attributes()->size();
  fs::rename(copy.path("devices/a"), copy.path("devices/c"));
  copy.write("devices/a/value", "3\n");
  {
    const DirectReads direct;
    CHECK(list_names(copy.path("devices")).get() == Names{"a", "b", "c"});
    CHECK(read_attribute(copy.path("devices/a/value")).get() == "3\n");
    CHECK(read_attribute(copy.path("devices/b/value")).get() == "2\n");
    CHECK_FALSE(read_attribute(copy.path("missing")).get().has_value());
  }
  CHECK(structure_cache()->size() == known);
  CHECK(kept_attributes()->size() == kept);
  CHECK(list_names(copy.path("devices")).get() == Names{"a", "b"});  // the same scrape
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

TEST_CASE("A file that cannot be kept open is opened at each read, until it is gone") {
  const CachedCopy copy;
  if (!CachedCopy::is_supported()) return;
  const auto value = copy.path("devices/a/value");
  {
    KeptDescriptors& kept = *kept_attributes();
    kept.clear();
    // Another one of this path, of before all were closed, is not kept.
    CHECK_FALSE(kept.put_back(value, UniqueFd(open(value.c_str(), O_RDONLY | O_CLOEXEC)),
                              {kept.epoch() - 1, true}));
    const auto generation = structure_cache()->begin(FactKind::file, value);
    REQUIRE(generation);
    structure_cache()->remember(*generation, FactKind::file, value, {true, {}, {}});
  }
  for (const std::string& text : Names{"1\n", "7\n", "8\n"}) {
    copy.write("devices/a/value", text);
    CHECK(read_attribute(value).get() == text);
    CHECK(kept_attributes()->size() == 0);
  }
  REQUIRE(is_known(FactKind::file, value));
  fs::remove(value);
  CHECK_FALSE(read_attribute(value).get().has_value());
  CHECK_FALSE(is_known(FactKind::file, value));  // a contradiction
  refresh_structure();
  CHECK_FALSE(read_attribute(value).get().has_value());
  copy.write("devices/a/value", "9\n");
  refresh_structure();
  CHECK(read_attribute(value).get() == "9\n");
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
