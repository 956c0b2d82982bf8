#include "rig/kernel/kept_descriptors.h"

#include <fcntl.h>

#include <string>

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

UniqueFd open_file(const std::filesystem::path& path) {
  return UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
}

// A directory with files "a", "b" and so on.
struct KeptFiles {
  std::string add(const std::string& name) const { return directory.write(name, name).string(); }
  void keep(KeptDescriptors& kept, const std::string& name,
            KeptDescriptors::Clock::time_point now) const {
    const auto path = add(name);
    kept.put_back(path, open_file(path), now);
  }
  TemporaryDirectory directory;
};

bool is_open(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }

}  // namespace

TEST_CASE("A descriptor is kept until it is taken, and belongs to one reader at a time") {
  const KeptFiles files;
  KeptDescriptors kept(10);
  const auto path = files.add("a");
  CHECK_FALSE(kept.take(path).is_open());
  auto file = open_file(path);
  const int number = file.get();
  kept.put_back(path, std::move(file));
  CHECK(kept.size() == 1);
  CHECK_FALSE(kept.take(path + "b").is_open());

  const auto taken = kept.take(path);
  CHECK(taken.get() == number);
  CHECK(kept.size() == 0);
  CHECK_FALSE(kept.take(path).is_open());
}

TEST_CASE("Of two descriptors of a file one is kept, and the other is closed") {
  const KeptFiles files;
  KeptDescriptors kept(10);
  const auto path = files.add("a");
  auto first = open_file(path);
  auto second = open_file(path);
  const int second_number = second.get();
  kept.put_back(path, std::move(first));
  kept.put_back(path, std::move(second));
  CHECK(kept.size() == 1);
  CHECK_FALSE(is_open(second_number));
}

TEST_CASE("When the capacity is used up, further descriptors are closed") {
  const KeptFiles files;
  KeptDescriptors kept(2);
  const auto now = KeptDescriptors::Clock::now();
  for (const char* name : {"a", "b", "c"}) files.keep(kept, name, now);
  CHECK(kept.size() == 2);
  CHECK_FALSE(kept.take((files.directory.path() / "c").string()).is_open());
  CHECK(kept.take((files.directory.path() / "a").string()).is_open());
}

TEST_CASE("Descriptors that are not used any more are closed after a while") {
  const KeptFiles files;
  KeptDescriptors kept(10);
  const auto start = KeptDescriptors::Clock::now();
  for (const char* name : {"a", "b"}) files.keep(kept, name, start);
  const auto later = start + KeptDescriptors::kUnusedFor;
  const auto a = (files.directory.path() / "a").string();
  kept.put_back(a, kept.take(a), later);
  CHECK(kept.size() == 2);
  kept.put_back(a, kept.take(a), later + 1s);
  CHECK(kept.size() == 1);
  CHECK(kept.take(a).is_open());
}

TEST_CASE("No descriptors are kept of a copied machine, whose files may be replaced") {
  const TemporaryDirectory copy;
  keep_attributes_open(copy.path());
  CHECK(kept_attributes() == nullptr);
  keep_attributes_open(copy.path() / "missing");
  CHECK(kept_attributes() == nullptr);
}
