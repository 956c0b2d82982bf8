#include "raid/mdstat_watcher.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include "support/catch.h"
#include "support/temporary_directory.h"

using namespace std::chrono_literals;
using rig::ChangeCounts;
using rig::MdstatWatcher;
using rig::MdstatWatcherOptions;

namespace {

const std::string kNone = "Personalities : [raid1] \nunused devices: <none>\n";
std::string mdstat(const std::string& slots) {
  return "Personalities : [raid1] \nmd0 : active raid1 sdb[1] sda[0]\n"
         "      523264 blocks super 1.2 " +
         slots + "\n\nunused devices: <none>\n";
}

// A regular file is always ready for POLLIN and never for POLLPRI.
constexpr MdstatWatcherOptions kAlwaysWoken{.events = POLLIN, .pause = 1ms, .retry = 1h};
constexpr MdstatWatcherOptions kNeverWoken{.events = POLLPRI, .pause = 1ms, .retry = 1ms};

void wait_for(const MdstatWatcher& watcher, const std::optional<ChangeCounts>& counts) {
  while (watcher.counts() != counts) usleep(1000);
  SUCCEED();
}

}  // namespace

TEST_CASE("Arrays that exist at the start have a count of 0") {
  const TemporaryDirectory directory;
  const MdstatWatcher watcher(directory.write("mdstat", mdstat("[2/2] [UU]")));
  wait_for(watcher, ChangeCounts{{"md0", 0}});
}

TEST_CASE("After an event the same descriptor is read again from the start") {
  const TemporaryDirectory directory;
  const auto file = directory.write("mdstat", mdstat("[2/2] [UU]"));
  const MdstatWatcher watcher(file, kAlwaysWoken);
  wait_for(watcher, ChangeCounts{{"md0", 0}});
  // Only the open file is left. One byte changes, so that no read returns a partial change.
  std::fstream open_file(file, std::ios::in | std::ios::out);
  std::filesystem::remove(file);
  open_file << mdstat("[2/2] [U_]") << std::flush;
  wait_for(watcher, ChangeCounts{{"md0", 1}});
}

TEST_CASE("An md module that is loaded later is noticed, and without mdstat there are no counts") {
  const TemporaryDirectory directory;
  const MdstatWatcher watcher(directory.path() / "mdstat", kNeverWoken);
  CHECK_FALSE(watcher.counts());
  directory.write("written", kNone);
  std::filesystem::rename(directory.path() / "written", directory.path() / "mdstat");
  wait_for(watcher, ChangeCounts{});
  std::filesystem::remove(directory.path() / "mdstat");
  wait_for(watcher, std::nullopt);
}

TEST_CASE("An md module that is reloaded while there are no arrays is watched again") {
  const TemporaryDirectory directory;
  directory.write("mdstat", kNone);
  const MdstatWatcher watcher(directory.path() / "mdstat", kNeverWoken);
  wait_for(watcher, ChangeCounts{});
  directory.write("written", mdstat("[2/2] [UU]"));
  std::filesystem::rename(directory.path() / "written", directory.path() / "mdstat");
  wait_for(watcher, ChangeCounts{{"md0", 1}});
}

TEST_CASE("While mdstat hangs there are no counts, and counting continues afterwards") {
  const TemporaryDirectory directory;
  const auto file = directory.write("mdstat", kNone);
  MdstatWatcherOptions options = kNeverWoken;
  options.timeout = 50ms;
  const MdstatWatcher watcher(file, options);
  wait_for(watcher, ChangeCounts{});
  std::filesystem::rename(directory.make_fifo("fifo"), file);
  wait_for(watcher, std::nullopt);
  const auto aside = directory.path() / "aside";
  std::filesystem::rename(file, aside);
  std::filesystem::rename(directory.write("written", mdstat("[2/2] [UU]")), file);
  close(open(aside.c_str(), O_WRONLY | O_NONBLOCK));  // releases the hung reader
  wait_for(watcher, ChangeCounts{{"md0", 1}});
}

TEST_CASE("A watcher can be destroyed during a pause and while mdstat hangs") {
  const TemporaryDirectory directory;
  const auto file = directory.write("mdstat", mdstat("[2/2] [UU]"));
  const auto fifo = directory.make_fifo("fifo");
  {
    const MdstatWatcher pausing(file, {.events = POLLIN, .pause = 24h, .retry = 24h});
    wait_for(pausing, ChangeCounts{{"md0", 0}});
    const MdstatWatcher hanging(fifo);
  }
  release_fifo(fifo);
}
