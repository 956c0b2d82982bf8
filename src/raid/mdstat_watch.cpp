#include "mdstat_watch.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <string>
#include <utility>

#include "rig/descriptor.h"
#include "rig/mdstat.h"

namespace rig {
namespace {

constexpr std::size_t kLargestText = 4U << 20U;

std::optional<std::string> read_from_start(const Descriptor& file) {
  std::string text;
  std::array<char, 16384> buffer{};
  while (text.size() <= kLargestText) {
    const ssize_t count =
        pread(file.get(), buffer.data(), buffer.size(), static_cast<off_t>(text.size()));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  return std::nullopt;
}

}  // namespace

struct MdstatWatch::Shared {
  std::mutex mutex;
  std::optional<ChangeCounts> counts;

  void publish(std::optional<ChangeCounts> now) {
    const std::lock_guard lock(mutex);
    counts = std::move(now);
  }

  void watch(const std::filesystem::path& path, const MdstatWatchOptions& options, int stop) {
    MdstatChanges changes;
    Descriptor file;
    while (true) {
      if (!file.is_open()) file = Descriptor(open(path.c_str(), O_RDONLY | O_CLOEXEC));
      const auto text = read_from_start(file);
      bool has_arrays = false;
      if (text) {
        const Mdstat mdstat = parse_mdstat(*text);
        has_arrays = !mdstat.arrays.empty();
        changes.feed(mdstat);
        publish(changes.counts());
      } else {
        publish(std::nullopt);
        file.reset();
      }
      if (await(stop, -1, 0, options.pause).stop) return;
      // Without arrays md's module may be unloaded, and the descriptor would report no more.
      const auto patience = has_arrays ? std::chrono::milliseconds(-1) : options.retry;
      const Awaited awaited = await(stop, file.get(), options.events, patience);
      if (awaited.stop) return;
      if (awaited.events == 0) file.reset();
    }
  }
};

MdstatWatch::MdstatWatch(std::filesystem::path mdstat, MdstatWatchOptions options)
    : shared_(std::make_shared<Shared>()),
      thread_("raid changes", [shared = shared_, path = std::move(mdstat), options](int stop) {
        shared->watch(path, options, stop);
      }) {}

std::optional<ChangeCounts> MdstatWatch::counts() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->counts;
}

}  // namespace rig
