#include "gpu/supervisor/probe_command.h"

#include <algorithm>

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace rig;
namespace fs = std::filesystem;

namespace {

void write_program(const TemporaryDirectory& directory, const fs::path& name) {
  fs::permissions(directory.write(name, "#!/bin/sh\n"), fs::perms::owner_all);
}

}  // namespace

TEST_CASE("The probe is searched for beside the program, then in libexec, then in lib") {
  const TemporaryDirectory directory;
  const auto own = directory.path() / "bin/rig_exporter";
  CHECK(default_probe_path(own) == directory.path() / "bin/rig_gpu_probe");
  directory.write("lib/rig_exporter/rig_gpu_probe", "");
  directory.write("bin/rig_exporter", "");
  CHECK(default_probe_path(own) == directory.path() / "lib/rig_exporter/rig_gpu_probe");
  directory.write("libexec/rig_exporter/rig_gpu_probe", "");
  CHECK(default_probe_path(own) == directory.path() / "libexec/rig_exporter/rig_gpu_probe");
  directory.write("bin/rig_gpu_probe", "");
  CHECK(default_probe_path(own) == directory.path() / "bin/rig_gpu_probe");
}

TEST_CASE("A file that is not a program is replayed by the installed probe") {
  const TemporaryDirectory directory;
  write_program(directory, "bin/rig_gpu_probe");
  ProbeOptions options;
  options.probe = directory.write("two-gpus.jsonl", "{\"type\":\"gpus\",\"gpus\":[]}\n").string();
  const auto command = probe_command(options, directory.path() / "bin/rig_exporter", true);
  CHECK(command.error.empty());
  REQUIRE_FALSE(command.arguments.empty());
  CHECK(command.arguments.front() == (directory.path() / "bin/rig_gpu_probe").string());
  CHECK(command.arguments.back() == "--replay=" + options.probe);
}

TEST_CASE("A program without its execute permission is not mistaken for a recording") {
  const TemporaryDirectory directory;
  ProbeOptions options;
  options.probe = directory.write("my_probe", "#!/bin/sh\n").string();
  const auto command = probe_command(options, directory.path() / "rig_exporter", true);
  CHECK(command.arguments.empty());
  CHECK_THAT(command.error, ContainsSubstring("chmod a+x " + options.probe));
}

TEST_CASE("The probe reads sysfs only if rocm-smi is disabled") {
  const TemporaryDirectory directory;
  write_program(directory, "rig_gpu_probe");
  const auto own = directory.path() / "rig_exporter";
  const auto with = probe_command({}, own, true).arguments;
  const auto without = probe_command({}, own, false).arguments;
  CHECK(std::count(with.begin(), with.end(), "--source=auto") == 1);
  CHECK(std::count(without.begin(), without.end(), "--source=sysfs") == 1);
  CHECK(std::count(with.begin(), with.end(), "--sample-interval=1000ms") == 1);
}
