#include "raid/mdstat_watcher.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "support/catch.h"
#include "support/temporary_folder.h"

using namespace std::chrono_literals;
using rig::ChangeCounts;
using rig::MdstatWatch;
using rig::MdstatWatchOptions;

namespace {

const std::string kNone = "Personalities : [raid1] \nunused devices: <none>\n";
std::string mdstat(const std::string& slots) {
  return "Personalities : [raid1] \nmd0 : active raid1 sdb[1] sda[0]\n"
         "      523264 blocks super 1.2 " +
         slots + "\n\nunused devices: <none>\n";
}

// An ordinary file is always readable and never has news: which of the two is waited for decides
// whether the watch is woken all the time or not at all.
constexpr MdstatWatchOptions kAlwaysWoken{.events = POLLIN, .pause = 1ms, .retry = 1h};
constexpr MdstatWatchOptions kNeverWoken{.events = POLLPRI, .pause = 1ms, .retry = 1ms};

// Waits until the watch has seen what it is about to see.
void wait_for(const MdstatWatch& watch, const std::optional<ChangeCounts>& counts) {
  while (watch.counts() != counts) usleep(1000);
  SUCCEED();
}

}  // namespace

TEST_CASE("Arrays that are there at the start begin at 0") {
  const TemporaryFolder folder;
  const MdstatWatch watch(folder.write("mdstat", mdstat("[2/2] [UU]")));
  wait_for(watch, ChangeCounts{{"md0", 0}});
}

TEST_CASE("A watch that is woken reads again from the start of the same descriptor") {
  const TemporaryFolder folder;
  const auto file = folder.write("mdstat", mdstat("[2/2] [UU]"));
  const MdstatWatch watch(file, kAlwaysWoken);
  wait_for(watch, ChangeCounts{{"md0", 0}});
  // The name goes and the open file stays. One letter differs, so that no reading sees half of it.
  std::fstream open_file(file, std::ios::in | std::ios::out);
  std::filesystem::remove(file);
  open_file << mdstat("[2/2] [U_]") << std::flush;
  wait_for(watch, ChangeCounts{{"md0", 1}});
}

TEST_CASE("md that is loaded later is found, and without mdstat nothing is said") {
  const TemporaryFolder folder;
  const MdstatWatch watch(folder.path() / "mdstat", kNeverWoken);
  CHECK_FALSE(watch.counts());
  folder.write("written", kNone);
  std::filesystem::rename(folder.path() / "written", folder.path() / "mdstat");
  wait_for(watch, ChangeCounts{});
  std::filesystem::remove(folder.path() / "mdstat");
  wait_for(watch, std::nullopt);
}

TEST_CASE("md that is unloaded and loaded again while it has no arrays is watched again") {
  const TemporaryFolder folder;
  folder.write("mdstat", kNone);
  const MdstatWatch watch(folder.path() / "mdstat", kNeverWoken);
  wait_for(watch, ChangeCounts{});
  folder.write("written", mdstat("[2/2] [UU]"));
  std::filesystem::rename(folder.path() / "written", folder.path() / "mdstat");
  wait_for(watch, ChangeCounts{{"md0", 1}});
}

TEST_CASE("While mdstat hangs nothing is said, and the count goes on after it") {
  const TemporaryFolder folder;
  const auto file = folder.write("mdstat", kNone);
  MdstatWatchOptions options = kNeverWoken;
  options.patience = 50ms;
  const MdstatWatch watch(file, options);
  wait_for(watch, ChangeCounts{});
  std::filesystem::rename(folder.make_fifo("fifo"), file);
  wait_for(watch, std::nullopt);
  const auto aside = folder.path() / "aside";
  std::filesystem::rename(file, aside);
  std::filesystem::rename(folder.write("written", mdstat("[2/2] [UU]")), file);
  close(open(aside.c_str(), O_WRONLY | O_NONBLOCK));  // who hangs there goes on
  wait_for(watch, ChangeCounts{{"md0", 1}});
}

TEST_CASE("A watch ends also during a pause, and while its mdstat hangs") {
  const TemporaryFolder folder;
  const auto file = folder.write("mdstat", mdstat("[2/2] [UU]"));
  const auto fifo = folder.make_fifo("fifo");
  {
    const MdstatWatch pausing(file, {.events = POLLIN, .pause = 24h, .retry = 24h});
    wait_for(pausing, ChangeCounts{{"md0", 0}});
    const MdstatWatch hanging(fifo);
  }
  release_fifo(fifo);
}
