#include "log/log_writer.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <deque>
#include <string_view>
#include <system_error>
#include <utility>

namespace rig {
namespace {

using Clock = std::chrono::steady_clock;

// Returns the number of bytes that could be written: all, or fewer after an error.
std::size_t write_all(int fd, std::string_view text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t written = ::write(fd, text.data() + done, text.size() - done);
    if (written >= 0) {
      done += static_cast<std::size_t>(written);
    } else if (errno == EAGAIN) {  // another process made it non-blocking
      pollfd writable{fd, POLLOUT, 0};
      poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      break;
    }
  }
  return done;
}

}  // namespace

class LogWriter::Queue {
 public:
  Queue(int fd, Report report) : fd_(fd), report_(std::move(report)) {}

  void add(std::string line) {
    const std::lock_guard lock(mutex_);
    full_ = full_ || lines_.size() >= kMaxLines || size_ + line.size() > kMaxSize;
    if (full_) return drop_locked();
    size_ += line.size();
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }

  void drop() {
    const std::lock_guard lock(mutex_);
    drop_locked();
  }

  std::uint64_t dropped() const {
    const std::lock_guard lock(mutex_);
    return dropped_;
  }

  bool flush(Clock::time_point deadline) {
    std::unique_lock lock(mutex_);
    report_now_ = unreported_ > 0;
    changed_.notify_all();
    return changed_.wait_until(lock, deadline,
                               [&] { return lines_.empty() && !writing_ && !report_now_; });
  }

  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

  // Body of the thread.
  void serve() {
    std::unique_lock lock(mutex_);
    while (true) {
      if (!lines_.empty()) {
        write_first(lock);
        continue;
      }
      full_ = false;
      if (report_is_due()) {
        write_report(lock);
        continue;
      }
      if (closed_) return;
      if (unreported_ > 0) {
        changed_.wait_until(lock, report_at_);
      } else {
        changed_.wait(lock);
      }
    }
  }

  // For a process that may have no thread for it: writes what is certain not to block.
  void write_without_thread() {
    std::unique_lock lock(mutex_);
    pollfd writable{fd_, POLLOUT, 0};
    while (!lines_.empty() && poll(&writable, 1, 0) == 1) write_first(lock);
  }

 private:
  void drop_locked(std::uint64_t count = 1) {
    dropped_ += count;
    unreported_ += count;
    changed_.notify_all();
  }

  bool report_is_due() const {
    return report_now_ || (unreported_ > 0 && Clock::now() >= report_at_);
  }

  void write_first(std::unique_lock<std::mutex>& lock) {
    const std::string line = std::move(lines_.front());
    lines_.pop_front();
    size_ -= line.size();
    if (!write(line, lock)) drop_locked();
  }

  void write_report(std::unique_lock<std::mutex>& lock) {
    const auto count = unreported_;
    const bool written = write(report_(count), lock);
    if (written) unreported_ -= count;
    report_now_ = false;
    report_at_ = Clock::now() + kReportInterval;
    changed_.notify_all();
  }

  // Unlocks in the meantime.
  bool write(std::string line, std::unique_lock<std::mutex>& lock) {
    // Only part of the previous line is in a file whose disk was full.
    if (incomplete_) line.insert(line.begin(), '\n');
    writing_ = true;
    lock.unlock();
    const auto written = write_all(fd_, line);
    lock.lock();
    writing_ = false;
    const bool complete = written == line.size();
    if (written > 0) incomplete_ = !complete;
    changed_.notify_all();
    return complete;
  }

  const int fd_;
  const Report report_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> lines_;
  std::size_t size_ = 0;     // of all lines, in bytes
  bool full_ = false;        // until all lines are written, so that lines are dropped in one place
  bool writing_ = false;     // the thread is writing a line that is no longer in lines_
  bool incomplete_ = false;  // the last line lacks its end
  bool closed_ = false;
  std::uint64_t dropped_ = 0;
  std::uint64_t unreported_ = 0;  // dropped since the last report
  bool report_now_ = false;
  Clock::time_point report_at_{};
};

LogWriter::LogWriter(int fd, Report report)
    : queue_(std::make_shared<Queue>(fd, std::move(report))) {}

LogWriter::~LogWriter() { queue_->close(); }

void LogWriter::write(std::string line) {
  queue_->add(std::move(line));
  has_thread();
}

void LogWriter::drop() { queue_->drop(); }

bool LogWriter::flush(std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  if (!has_thread()) {
    queue_->write_without_thread();
    return false;
  }
  return queue_->flush(deadline);
}

std::uint64_t LogWriter::dropped() const { return queue_->dropped(); }

bool LogWriter::has_thread() {
  const std::lock_guard lock(thread_mutex_);
  if (thread_ && !thread_->finished()) return true;
  try {
    thread_ = std::make_unique<StoppableThread>(
        "log", [queue = queue_](const StopToken& /*unused*/) { queue->serve(); },
        [](const std::string& /*unused*/) {});
  } catch (const std::system_error&) {  // too many threads or descriptors: tried again later
    return false;
  }
  return true;
}

}  // namespace rig
