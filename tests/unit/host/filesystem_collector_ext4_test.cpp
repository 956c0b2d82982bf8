#include <chrono>
#include <future>

#include "host/filesystem_machine.h"
#include "support/catch.h"
#include "support/problem_texts.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

// The series of ext4 errors and warnings.
std::map<std::string, double> ext4_series(const Samples& samples) {
  auto found = series(samples);
  std::erase_if(found, [](const auto& sample) {
    return !sample.first.starts_with("rig_filesystem_errors") &&
           !sample.first.starts_with("rig_filesystem_warnings");
  });
  return found;
}

}  // namespace

TEST_CASE("ext4 errors are found by device number and labelled with the source of the mount") {
  const FilesystemMachine machine(
      "1 2 259:2 / / rw - ext4 /dev/root rw\n"
      "1 2 253:0 / /home rw - ext3 /dev/mapper/rig-home rw\n"
      "1 2 253:0 / /srv rw - ext3 /dev/mapper/rig-home rw\n"
      "1 2 104:1 / /old rw - ext4 /dev/cciss/c0d0p1 rw\n"
      "1 2 8:1 / /xfs rw - xfs /dev/sda1 rw\n");
  machine.write_ext4("259:2", "nvme0n1p2", "3\n", "14\n");
  machine.write_ext4("253:0", "dm-0", "0\n", "0\n");
  machine.write_ext4("104:1", "cciss!c0d0p1", "5\n", "");
  const auto samples = machine.collect(stat_in({{"/", usage_of(259, 2)}}));
  CHECK(samples.problems().empty());
  CHECK(ext4_series(samples) ==
        std::map<std::string, double>{
            {R"(rig_filesystem_errors_total{device="/dev/root"})", 3},
            {R"(rig_filesystem_warnings_total{device="/dev/root"})", 14},
            {R"(rig_filesystem_errors_total{device="/dev/mapper/rig-home"})", 0},
            {R"(rig_filesystem_warnings_total{device="/dev/mapper/rig-home"})", 0},
            {R"(rig_filesystem_errors_total{device="/dev/cciss/c0d0p1"})", 5}});
}

TEST_CASE("ext4 errors are reported for a filesystem that hangs") {
  const FilesystemMachine machine("1 2 8:1 / /hung rw - ext4 /dev/sda1 rw\n");
  machine.write_ext4("8:1", "sda1", "7\n", "0\n");
  std::promise<void> gate;
  const auto samples = [&] {
    const auto collector =
        machine.collector([opened = gate.get_future().share()](const std::filesystem::path&) {
          opened.wait();
          return ReadResult<FilesystemUsage>();
        });
    return collect(*collector, 500ms);
  }();
  gate.set_value();
  CHECK(texts(samples.problems()) == std::vector<std::string>{"/hung: read timed out"});
  CHECK(ext4_series(samples).at(R"(rig_filesystem_errors_total{device="/dev/sda1"})") == 7);
}

TEST_CASE("A malformed or hanging ext4 error count is a problem, and the sizes are reported") {
  const FilesystemMachine machine("1 2 8:1 / /a rw - ext4 /dev/sda1 rw\n");
  machine.write_ext4("8:1", "sda1", "many\n", "2\n");
  const auto stat = stat_in({{"/a", usage_of(8, 1)}});
  const auto directory = (machine.files().path() / "sys/fs/ext4").string();
  auto samples = machine.collect(stat);
  CHECK(texts(samples.problems()) ==
        std::vector<std::string>{directory + "/sda1/errors_count: malformed: \"many\""});
  CHECK(ext4_series(samples) ==
        std::map<std::string, double>{{R"(rig_filesystem_warnings_total{device="/dev/sda1"})", 2}});

  const auto fifo = machine.files().make_fifo("sys/fs/ext4/sda1/errors_count");
  samples = collect(*machine.collector(stat), 500ms);
  release_fifo(fifo);
  CHECK(texts(samples.problems()) == std::vector<std::string>{directory + ": read timed out"});
  CHECK(size_series(samples).size() == 1);
}
