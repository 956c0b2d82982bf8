#include "raid/mdstat_watcher.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <mutex>
#include <string>
#include <utility>

#include "raid/mdstat.h"
#include "rig/kernel/unique_fd.h"
#include "rig/log/log.h"

namespace rig {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kMaxSize = 4U << 20U;

std::optional<std::string> read_from_start(const UniqueFd& file) {
  std::string text;
  std::array<char, 16384> buffer{};
  while (text.size() <= kMaxSize) {
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

struct MdstatWatcher::Shared {
  std::mutex mutex;
  std::optional<ChangeCounts> counts;
  std::optional<Clock::time_point> reading_since;

  void begin_reading() {
    const std::lock_guard lock(mutex);
    reading_since = Clock::now();
  }

  void publish(std::optional<ChangeCounts> now) {
    const std::lock_guard lock(mutex);
    counts = std::move(now);
    reading_since.reset();
  }

  void watch(const std::filesystem::path& path, const MdstatWatcherOptions& options,
             const StopToken& stop) {
    MdstatChangeCounter changes;
    UniqueFd file;
    while (true) {
      begin_reading();
      if (!file.is_open()) file = UniqueFd(open(path.c_str(), O_RDONLY | O_CLOEXEC));
      const auto text = read_from_start(file);
      bool has_arrays = false;
      if (text) {
        const Mdstat mdstat = parse_mdstat(*text);
        has_arrays = !mdstat.arrays.empty();
        changes.update(mdstat);
        publish(changes.counts());
      } else {
        publish(std::nullopt);
        file.reset();
      }
      if (stop.wait_for(options.pause)) return;
      // Without arrays the md module may be unloaded, and the descriptor would report nothing more.
      const auto timeout = has_arrays ? std::chrono::milliseconds(-1) : options.retry;
      const PollResult polled = poll_until_stopped(stop, file.get(), options.events, timeout);
      if (polled.stop) return;
      if (polled.events == 0) file.reset();
    }
  }
};

MdstatWatcher::MdstatWatcher(std::filesystem::path mdstat, MdstatWatcherOptions options)
    : timeout_(options.timeout),
      shared_(std::make_shared<Shared>()),
      thread_(
          "raid changes",
          [shared = shared_, path = std::move(mdstat), options](const StopToken& stop) {
            shared->watch(path, options, stop);
          },
          [shared = shared_](const std::string& error) {
            shared->publish(std::nullopt);
            log_warn("changes of RAID arrays are no longer counted: " + error);
          }) {}

std::optional<ChangeCounts> MdstatWatcher::counts() const {
  const std::lock_guard lock(shared_->mutex);
  const auto& since = shared_->reading_since;
  if (since && Clock::now() - *since > timeout_) return std::nullopt;
  return shared_->counts;
}

}  // namespace rig
