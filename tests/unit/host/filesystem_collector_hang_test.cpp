#include <atomic>
#include <chrono>
#include <future>
#include <iterator>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "host/filesystem_machine.h"
#include "support/catch.h"
#include "support/problem_texts.h"

using namespace rig;
using namespace std::chrono_literals;

namespace {

auto count_threads() {
  const std::filesystem::directory_iterator threads("/proc/self/task");
  return std::distance(begin(threads), end(threads));
}

}  // namespace

TEST_CASE("A filesystem that hangs affects its own series only, and blocks a single thread") {
  const FilesystemMachine machine(
      "1 2 8:1 / /good rw - ext4 /dev/sda1 rw\n"
      "1 2 8:2 / /hung rw - ext4 /dev/sda2 ro\n");
  std::promise<void> gate;
  std::atomic<bool> inside = false;
  const auto collector = machine.collector(
      [&inside, opened = gate.get_future().share()](const std::filesystem::path& directory) {
        if (directory == "/hung") {
          inside = true;
          opened.wait();
        }
        return ReadResult(directory == "/hung" ? usage_of(8, 2) : usage_of(8, 1));
      });
  while (!inside) collect(*collector, 20ms);
  const auto threads = count_threads();
  for (int i = 0; i < 5; ++i) {
    const auto samples = collect(*collector, 1h);  // times out immediately
    CHECK(size_series(samples) ==
          std::vector{filesystem_series("size_bytes", "/dev/sda1", "/good")});
    CHECK(series(samples).at(filesystem_series("readonly", "/dev/sda2", "/hung")) == 1);
    REQUIRE(samples.problems().size() == 1);
    CHECK_THAT(texts(samples.problems())[0], ContainsSubstring("/hung"));
  }
  machine.write_mountinfo("");
  CHECK(collect(*collector).problems().empty());
  machine.write_mountinfo("1 2 8:2 / /hung rw - ext4 /dev/sda2 ro\n");
  CHECK(collect(*collector).problems().size() == 1);
  CHECK(count_threads() <= threads + 1);  // one that hangs and one for the others

  gate.set_value();
  while (size_series(collect(*collector, 10s)).empty()) std::this_thread::sleep_for(1ms);
}

TEST_CASE("A filesystem that hangs keeps its mountpoint label") {
  const FilesystemMachine machine(
      "1 2 8:1 / /a rw - ext4 /dev/sda1 rw\n"
      "1 2 8:1 /part /other rw - ext4 /dev/sda1 rw\n"
      "1 2 8:2 / /a rw - ext4 /dev/sda2 rw\n");
  std::promise<void> gate;
  std::atomic<bool> hangs = false;
  std::atomic<bool> inside = false;
  const auto collector = machine.collector(
      [&, opened = gate.get_future().share()](const std::filesystem::path& directory) {
        if (hangs && directory == "/other") {
          inside = true;
          opened.wait();
        }
        return ReadResult(directory == "/other" ? usage_of(8, 1) : usage_of(8, 2));
      });
  const auto is_labelled_other = [&](std::chrono::milliseconds timeout) {
    return series(collect(*collector, timeout))
        .contains(filesystem_series("readonly", "/dev/sda1", "/other"));
  };
  CHECK(is_labelled_other(1h));
  hangs = true;
  while (!inside) CHECK(is_labelled_other(20ms));
  CHECK(is_labelled_other(1h));
  CHECK(is_labelled_other(1h));
  gate.set_value();
  while (!collect(*collector, 10s).problems().empty()) std::this_thread::sleep_for(1ms);
}

TEST_CASE("All filesystems share one thread") {
  std::string mountinfo;
  std::map<std::string, FilesystemUsage> usages;
  for (unsigned minor = 1; minor <= 40; ++minor) {
    const std::string number = std::to_string(minor);
    mountinfo += "1 2 8:" + number + " / /" + number + " rw - ext4 /dev/sd" + number + " rw\n";
    usages["/" + number] = usage_of(8, minor);
  }
  const FilesystemMachine machine(mountinfo);
  std::mutex mutex;
  std::set<std::thread::id> threads;
  const auto collector =
      machine.collector([&, read = stat_in(usages)](const std::filesystem::path& directory) {
        const std::lock_guard lock(mutex);
        threads.insert(std::this_thread::get_id());
        return read(directory);
      });
  CHECK(size_series(collect(*collector)).size() == 40);
  CHECK(threads.size() == 1);
  CHECK_FALSE(threads.contains(std::this_thread::get_id()));
}
