#include "rig/kernel/kept_descriptors.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>

#include "rig/kernel/files.h"
#include "rig/kernel/read_number.h"
#include "rig/kernel/text.h"
#include "support/catch.h"
#include "support/few_descriptors.h"
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
    kept.put_back(path, open_file(path), {kept.epoch()}, now);
  }
  TemporaryDirectory directory;
};

void send_to_loopback() {
  const UniqueFd sender(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_in discard{};
  discard.sin_family = AF_INET;
  discard.sin_port = htons(9);
  discard.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(sendto(sender.get(), "x", 1, 0, reinterpret_cast<const sockaddr*>(&discard),
                 sizeof discard) == 1);
}

bool is_open(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }

}  // namespace

TEST_CASE("A descriptor is kept until it is taken, and belongs to one reader at a time") {
  const KeptFiles files;
  KeptDescriptors kept(10);
  const auto path = files.add("a");
  CHECK_FALSE(kept.take(path).descriptor.is_open());
  auto file = open_file(path);
  const int number = file.get();
  kept.put_back(path, std::move(file), {kept.epoch()});
  CHECK(kept.size() == 1);
  CHECK_FALSE(kept.take(path + "b").descriptor.is_open());

  const auto taken = kept.take(path);
  CHECK(taken.descriptor.get() == number);
  CHECK(kept.size() == 0);
  CHECK_FALSE(kept.take(path).descriptor.is_open());
}

TEST_CASE("Of two descriptors of a file one is kept, and the other is closed") {
  const KeptFiles files;
  KeptDescriptors kept(10);
  const auto path = files.add("a");
  auto first = open_file(path);
  auto second = open_file(path);
  const int second_number = second.get();
  kept.put_back(path, std::move(first), {kept.epoch()});
  kept.put_back(path, std::move(second), {kept.epoch()});
  CHECK(kept.size() == 1);
  CHECK_FALSE(is_open(second_number));
}

TEST_CASE("When the capacity is used up, further descriptors are closed") {
  const KeptFiles files;
  KeptDescriptors kept(2);
  const auto now = KeptDescriptors::Clock::now();
  for (const char* name : {"a", "b", "c"}) files.keep(kept, name, now);
  CHECK(kept.size() == 2);
  CHECK_FALSE(kept.take((files.directory.path() / "c").string()).descriptor.is_open());
  CHECK(kept.take((files.directory.path() / "a").string()).descriptor.is_open());
}

TEST_CASE("Descriptors that are not used any more are closed after a while") {
  const KeptFiles files;
  KeptDescriptors kept(10);
  const auto start = KeptDescriptors::Clock::now();
  for (const char* name : {"a", "b"}) files.keep(kept, name, start);
  const auto later = start + KeptDescriptors::kUnusedFor;
  const auto a = (files.directory.path() / "a").string();
  kept.put_back(a, kept.take(a).descriptor, {}, later);
  CHECK(kept.size() == 2);
  kept.put_back(a, kept.take(a).descriptor, {}, later + 1s);
  CHECK(kept.size() == 1);
  CHECK(kept.take(a).descriptor.is_open());
}

TEST_CASE("All descriptors can be closed") {
  const KeptFiles files;
  KeptDescriptors kept(10);
  for (const char* name : {"a", "b"}) files.keep(kept, name, KeptDescriptors::Clock::now());
  kept.clear();
  CHECK(kept.size() == 0);
  files.keep(kept, "a", KeptDescriptors::Clock::now());
  CHECK(kept.take((files.directory.path() / "a").string()).descriptor.is_open());
}

TEST_CASE("No descriptors are kept of a copied machine, whose files may be replaced") {
  auto* const before = kept_attributes();
  const TemporaryDirectory copy;
  keep_attributes_open(copy.path());
  keep_attributes_open(copy.path() / "missing");
  CHECK(kept_attributes() == before);
}

TEST_CASE("Attributes of the running kernel are kept, and are read anew every time") {
  const TemporaryDirectory copy;
  const std::string lo = "/sys/devices/virtual/net/lo/";
  const std::string received = lo + "statistics/rx_packets";
  keep_attributes_open("/sys");
  auto* const kept = kept_attributes();
  if (kept == nullptr || !read_attribute(received)) {
    WARN("not tested: this machine has no sysfs with the network interface lo");
    return;
  }
  CHECK(kept->size() == 1);

  SECTION("a value that changes") {
    const auto before = parse_number<std::uint64_t>(*read_attribute(received));
    REQUIRE(before);
    send_to_loopback();
    CHECK(parse_number<std::uint64_t>(*read_attribute(received)) > before);
    CHECK(kept->size() == 1);
  }
  SECTION("through a symbolic link, which may lead to another device the next time") {
    CHECK(read_attribute(std::string("/sys/class/net/lo/mtu")).get() ==
          read_attribute(lo + "mtu").get());
    CHECK(kept->take(lo + "mtu").descriptor.is_open());
    CHECK_FALSE(kept->take("/sys/class/net/lo/mtu").descriptor.is_open());
  }
  SECTION("an error is not hidden by a second read, and closes the descriptor") {
    kept->clear();
    kept->put_back(lo + "mtu", open_file("/sys"), {kept->epoch()});  // EISDIR
    CHECK(read_trimmed(lo + "mtu").problem() != nullptr);
    CHECK(kept->size() == 0);
    CHECK(read_trimmed(lo + "mtu").get().has_value());
    CHECK(read_number<unsigned>(lo + "mtu").get() > 0U);
  }
  SECTION("a file of procfs, whose text changes with every read") {
    const std::string random = "/proc/sys/kernel/random/uuid";
    const auto before = read_procfs(random).get();
    REQUIRE(before);
    CHECK(kept->size() == 2);
    CHECK(read_procfs(random).get() != before);
    CHECK(read_procfs(random).get()->size() == before->size());
    CHECK(kept->size() == 2);
  }
  SECTION("a file of procfs that is longer than one read returns") {
    const std::string vmstat = "/proc/vmstat";
    const auto whole = read_text(vmstat).get();
    REQUIRE(whole);
    for (int read = 0; read < 2; ++read) {
      const auto text = read_procfs(vmstat).get();
      CHECK(lines(*text).size() == lines(*whole).size());
      CHECK_FALSE(is_truncated(*text));
    }
  }
  SECTION("a file of a process, which may be another one the next time") {
    CHECK(read_procfs("/proc/self/stat").get().has_value());
    CHECK_FALSE(kept->take("/proc/self/stat").descriptor.is_open());
  }
  SECTION("a file that is neither on sysfs nor on procfs") {
    CHECK(read_attribute(copy.write("value", "1\n")).get() == "1\n");
    CHECK(kept->size() == 1);
  }
  SECTION("when there are no more descriptors, the kept ones are closed") {
    const auto text = copy.write("text", "text");
    const FewDescriptors few;
    CHECK(read_text(text).get() == "text");
    CHECK(kept->size() == 0);
    CHECK(list_names(lo).get().has_value());
  }
  kept->clear();
}
