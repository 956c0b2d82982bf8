#include "rig/scrape/collectors.h"
#include "support/catch.h"
#include "support/collect.h"
#include "support/series.h"

using namespace rig;

namespace {

std::map<std::string, double> collect_series(const TemporaryDirectory& machine) {
  const auto samples = collect(host_collector(), machine);
  CHECK(samples.problems().empty());
  return series(samples);
}

std::string info(const std::string& architecture, const std::string& os) {
  return "rig_host_info{architecture=\"" + architecture + "\",kernel=\"6.1.0\",os=\"" + os + "\"}";
}

}  // namespace

TEST_CASE("The architecture of a copied /proc is reported only if its files contain it") {
  const TemporaryDirectory machine;
  CHECK(collect_series(machine).empty());
  machine.write("proc/sys/kernel/osrelease", "6.1.0\n");
  CHECK(collect_series(machine).contains(info("", "")));
  machine.write("proc/sys/kernel/arch", "aarch64\n");
  CHECK(collect_series(machine).contains(info("aarch64", "")));
}

TEST_CASE("A symbolic link in os-release never leads out of the root directory") {
  const TemporaryDirectory machine;
  const TemporaryDirectory outside;
  machine.write("proc/sys/kernel/osrelease", "6.1.0\n");
  const auto other = outside.write("os-release", "PRETTY_NAME=Outside\n");
  std::filesystem::create_directory(machine.path() / "etc");
  std::filesystem::create_symlink(other, machine.path() / "etc/os-release");
  CHECK(collect_series(machine).contains(info("", "")));
  machine.write("usr/lib/os-release", "PRETTY_NAME=Inside\n");
  CHECK(collect_series(machine).contains(info("", "Inside")));
}

TEST_CASE("The root directory may be a link to the one of this machine, as /proc/1/root is") {
  const TemporaryDirectory machine;
  machine.write("proc/sys/kernel/osrelease", "6.1.0\n");
  std::filesystem::create_directory_symlink("/", machine.path() / "link");
  RootPaths roots = roots_in(machine);
  const auto with_root = [&](const std::filesystem::path& root) {
    roots.root = root;
    const auto collector = host_collector().make(roots, {});
    return series(collect(*collector));
  };
  CHECK(with_root(machine.path() / "link") == with_root("/"));
}
