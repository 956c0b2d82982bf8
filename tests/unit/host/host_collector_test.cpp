#include "host/os_release.h"
#include "rig/config/config.h"
#include "rig/scrape/collectors.h"
#include "support/catch.h"
#include "support/series.h"
#include "support/temporary_directory.h"

using namespace rig;

namespace {

std::map<std::string, double> collect(const TemporaryDirectory& machine) {
  Samples samples;
  host_collector()
      .make({machine.path() / "proc", machine.path() / "sys", machine.path()}, Config{})
      ->collect(samples, {});
  CHECK(samples.problems().empty());
  return series(samples);
}

std::string info(const std::string& architecture, const std::string& os) {
  return "rig_host_info{architecture=\"" + architecture + "\",kernel=\"6.1.0\",os=\"" + os + "\"}";
}

}  // namespace

TEST_CASE("The name of the system is unquoted as a shell would") {
  CHECK(parse_pretty_name("NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n") ==
        "Debian GNU/Linux 12 (bookworm)");
  CHECK(parse_pretty_name("PRETTY_NAME='One $2'\n") == "One $2");
  CHECK(parse_pretty_name("PRETTY_NAME=\"a \\\"b\\\"\"") == "a \"b\"");
  CHECK(parse_pretty_name("PRETTY_NAME=Plain\n") == "Plain");
  CHECK(parse_pretty_name("#PRETTY_NAME=no\nNAME=x\n").empty());
}

TEST_CASE("A machine that is played back has no architecture unless its own kernel says it") {
  const TemporaryDirectory machine;
  CHECK(collect(machine).empty());
  machine.write("proc/sys/kernel/osrelease", "6.1.0\n");
  CHECK(collect(machine).contains(info("", "")));
  machine.write("proc/sys/kernel/arch", "aarch64\n");
  CHECK(collect(machine).contains(info("aarch64", "")));
}

TEST_CASE("os-release is the other machine's, never ours that a link in it leads to") {
  const TemporaryDirectory machine;
  const TemporaryDirectory ours;
  machine.write("proc/sys/kernel/osrelease", "6.1.0\n");
  const auto own = ours.write("os-release", "PRETTY_NAME=Ours\n");
  std::filesystem::create_directory(machine.path() / "etc");
  std::filesystem::create_symlink(own, machine.path() / "etc/os-release");
  CHECK(collect(machine).contains(info("", "")));
  machine.write("usr/lib/os-release", "PRETTY_NAME=Theirs\n");
  CHECK(collect(machine).contains(info("", "Theirs")));
}
