#include "scrape/collector_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <new>
#include <system_error>
#include <thread>
#include <utility>

#include "rig/config/config.h"
#include "rig/log/log.h"
#include "rig/metrics/instrumentation.h"
#include "rig/threads/hand_over_threads.h"
#include "rig/threads/thread_limit.h"
#include "rig/threads/thread_name.h"

namespace rig {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kMinHung{10};

bool is_limit(const std::error_code& code) {
  return code == std::errc::resource_unavailable_try_again ||
         code == std::errc::not_enough_memory || code == std::errc::too_many_files_open ||
         code == std::errc::too_many_files_open_in_system;
}

constexpr const char* kOutOfMemory = "out of memory (limit of memory: MemoryMax, RLIMIT_AS)";

// A small part of the time, so that there is enough left for everything else.
Clock::duration hung_after(Deadline source_deadline) {
  const Clock::duration quarter = (source_deadline - Clock::now()) / 4;
  return std::clamp<Clock::duration>(quarter, kMinHung, InlineOperations::kHung);
}

std::shared_ptr<const Collection> collect_since(Clock::time_point start, Collector& collector,
                                                Deadline source_deadline) {
  const auto collection = std::make_shared<Collection>();
  try {
    collector.collect(collection->samples, source_deadline);
    collection->complete = true;
  } catch (const ReadError& error) {
    collection->samples.add_problem(error.problem());
  } catch (const std::bad_alloc&) {
    collection->samples.add_problem({Reason::failed, "", kOutOfMemory});
  } catch (const std::exception& error) {
    collection->samples.add_problem({Reason::failed, "", error.what()});
  }
  collection->ended = std::chrono::steady_clock::now();
  collection->seconds = std::chrono::duration<double>(collection->ended - start).count();
  return collection;
}

CollectorRunner::Task::Options in_threads(const std::shared_ptr<HandOverThreads>& threads,
                                          CollectorRunner::Task::Options options) {
  options.executor = [threads](auto work, auto refuse) {
    threads->post(std::move(work), std::move(refuse));
  };
  return options;
}

}  // namespace

CollectorRunner::CollectorRunner(const CollectorInfo& info, const Config& config,
                                 Instrumentation& instrumentation,
                                 std::shared_ptr<HandOverThreads> threads,
                                 std::shared_ptr<SampleRecorder> recorder,
                                 std::function<void()> on_finished)
    : CollectorRunner(std::string(info.name), nullptr, std::move(threads),
                      {config.scrape_timeout, std::move(on_finished)}) {
  make_ = [info, config, &instrumentation, recorder = std::move(recorder)] {
    auto collector = info.make(config.paths, config);
    collector->instrument(instrumentation);
    if (recorder) collector->record_readings(recorder);
    return collector;
  };
  make_collector();
}

CollectorRunner::CollectorRunner(std::string name, std::unique_ptr<Collector> collector,
                                 std::shared_ptr<HandOverThreads> threads, Task::Options options)
    : name_(std::move(name)),
      collector_(std::move(collector)),
      threads_(std::move(threads)),
      task_(name_, {}, in_threads(threads_, std::move(options))),
      problem_log_(name_) {}

bool CollectorRunner::make_collector() {
  try {
    collector_ = make_();
    return true;
  } catch (const std::system_error& error) {
    // Another error is one of the configuration.
    if (!is_limit(error.code())) throw;
    make_error_ = error.what();
  } catch (const std::bad_alloc&) {
    make_error_ = kOutOfMemory;
  }
  return false;
}

void CollectorRunner::destroy(CollectorRunner* runner) {
  if (!runner->retired_) {
    delete runner;
    return;
  }
  try {
    std::thread([runner] {
      set_thread_name("retired");
      delete runner;
    }).detach();
  } catch (const std::system_error&) {  // no thread: it is never destroyed
    log_warn(fmt::format("{}: no longer used, but it cannot be stopped: {}", runner->name_,
                         no_thread_message()));
  }
}

CollectorRunner::Ticket CollectorRunner::start(Deadline source_deadline) {
  const std::lock_guard lock(mutex_);
  if (!collector_ && !make_collector()) return nullptr;
  const bool forgot = forget_hung_run();
  const auto operations = std::make_shared<InlineOperations>(hung_after(source_deadline));
  // The collector is released before its result is known, so that it does not outlive its runner.
  auto ticket = task_.start([collector = collector_, source_deadline, operations]() mutable {
    const auto used = std::move(collector);
    const InlineOperations::Installed installed(*operations);
    return collect_since(Clock::now(), *used, source_deadline);
  });
  const bool joined = inline_run_.ticket.lock() == ticket;
  if (!joined) inline_run_ = {ticket, operations, Clock::now(), source_deadline};
  if (forgot) threads_->hand_over();  // from the thread that hangs
  return ticket;
}

// One that timed out before its operation could be given up: the next one would join it.
bool CollectorRunner::forget_hung_run() {
  const auto ticket = inline_run_.ticket.lock();
  if (!ticket || !inline_run_.operations || !settled(ticket)) return false;
  if (!inline_run_.operations->hung() || !threads_->has_idle_thread()) return false;
  if (!inline_run_.operations->give_up_hung()) return false;
  task_.forget(ticket);
  inline_run_ = {};
  return true;
}

bool CollectorRunner::start_again_if_hung(const Ticket& ticket) {
  const std::lock_guard lock(mutex_);
  if (settled(ticket) || inline_run_.ticket.lock() != ticket || !inline_run_.operations)
    return false;
  if (!inline_run_.operations->hung() || !threads_->has_idle_thread()) return true;
  const Task::Work again = [collector = collector_, begun = inline_run_.begun,
                            source_deadline = inline_run_.source_deadline]() mutable {
    const auto used = std::move(collector);
    return collect_since(begun, *used, source_deadline);
  };
  if (!inline_run_.operations->give_up_hung()) return true;
  inline_run_.operations = nullptr;
  // Comes after those that wait.
  task_.start_again(ticket, again);
  threads_->hand_over();
  return false;
}

bool CollectorRunner::ready() const {
  const std::lock_guard lock(mutex_);
  return !collector_ || collector_->ready();
}

ReadResult<std::shared_ptr<const Collection>> CollectorRunner::result_now(
    const Ticket& ticket) const {
  if (!ticket) return Problem::timed_out("");
  return task_.result_now(ticket);
}

ReadResult<std::shared_ptr<const Collection>> CollectorRunner::result(const Ticket& ticket,
                                                                      Deadline deadline) {
  if (!ticket) {
    const std::lock_guard lock(mutex_);
    const Problem problem{Reason::failed, "", make_error_};
    problem_log_.update(std::array{problem});
    return problem;
  }
  auto result = task_.result(ticket, deadline);
  if (result) {
    const auto& problems = (*result)->samples.problems();
    if ((*result)->complete) {
      problem_log_.update(problems);
    } else {
      problem_log_.add(problems);
    }
    return result;
  }
  const Problem problem = result.timed_out() ? Problem{Reason::timed_out, "",
                                                       "timed out; the scrape continues without it"}
                                             : *result.problem();
  problem_log_.update(std::array{problem});
  return problem;
}

}  // namespace rig
