#include "gpu_probe/rocm_smi/library_thread.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

#include "rig/threads/timed_task.h"

namespace rig {
namespace {

struct Question {
  std::string pci_address;
  GpuQuery questions;
  std::optional<GpuReading> answer;
  bool done = false;
  bool given_up = false;
};

bool says_nothing(const GpuReading& reading) {
  GpuReading nothing;
  nothing.pci_address = reading.pci_address;
  return reading == nothing;
}

}  // namespace

struct LibraryThread::Shared {
  mutable std::mutex mutex;
  std::condition_variable changed;
  std::unique_ptr<GpuLibrary> library;  // only the thread touches it
  std::deque<std::shared_ptr<Question>> questions;
  bool start_wanted = false;
  bool starting = false;
  bool out = false;              // the thread is in the library
  std::set<std::string> silent;  // cards about which the last question brought no value
  bool late = false;             // somebody gave up waiting for the call that is out
  bool closed = false;
  State started;  // what the last start brought

  bool busy() const { return start_wanted || starting || late; }

  void run() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return closed || start_wanted || !questions.empty(); });
      if (closed) return;
      if (start_wanted) {
        start(lock);
      } else {
        answer(lock);
      }
      late = false;
      changed.notify_all();
    }
  }

  void start(std::unique_lock<std::mutex>& lock) {
    start_wanted = false;
    starting = true;
    out = true;
    lock.unlock();
    State state;
    state.reason = library->start();
    state.usable = state.reason.empty();
    state.version = library->version();
    for (auto& address : library->pci_addresses()) state.pci_addresses.insert(std::move(address));
    lock.lock();
    started = std::move(state);
    silent.clear();
    starting = false;
    out = false;
  }

  void answer(std::unique_lock<std::mutex>& lock) {
    const auto question = std::move(questions.front());
    questions.pop_front();
    if (question->given_up) return;
    out = true;
    lock.unlock();
    auto reading = library->read(question->pci_address, question->questions);
    lock.lock();
    if (says_nothing(reading)) {
      silent.insert(question->pci_address);
    } else {
      silent.erase(question->pci_address);
    }
    question->answer = std::move(reading);
    question->done = true;
    out = false;
  }
};

LibraryThread::LibraryThread(std::unique_ptr<GpuLibrary> library)
    : shared_(std::make_shared<Shared>()) {
  shared_->library = std::move(library);
  shared_->started.reason = "not started";
  thread_ = std::thread([shared = shared_] {
    name_this_thread("rocm_smi");
    shared->run();
  });
}

LibraryThread::~LibraryThread() {
  std::unique_lock lock(shared_->mutex);
  shared_->closed = true;
  shared_->changed.notify_all();
  const bool out = shared_->out;
  lock.unlock();
  if (out) {
    thread_.detach();
  } else {
    thread_.join();
  }
}

void LibraryThread::start() {
  const std::lock_guard lock(shared_->mutex);
  shared_->start_wanted = true;
  shared_->changed.notify_all();
}

LibraryThread::State LibraryThread::state() const {
  const std::lock_guard lock(shared_->mutex);
  State state = shared_->started;
  if (shared_->busy()) {
    state.usable = false;
    state.reason = shared_->late
                       ? "librocm_smi64 does not answer: a GPU hangs, or another process holds its "
                         "lock in /dev/shm"
                       : "rsmi_init has not returned yet";
  }
  for (const auto& address : shared_->silent) state.pci_addresses.erase(address);
  return state;
}

bool LibraryThread::wait_until_started(Time deadline) const {
  std::unique_lock lock(shared_->mutex);
  return shared_->changed.wait_until(lock, deadline,
                                     [&] { return !shared_->start_wanted && !shared_->starting; });
}

std::optional<GpuReading> LibraryThread::read(const std::string& pci_address,
                                              const GpuQuery& questions, Time deadline) {
  std::unique_lock lock(shared_->mutex);
  if (shared_->busy() || !shared_->started.usable ||
      !shared_->started.pci_addresses.contains(pci_address))
    return std::nullopt;
  const auto question = std::make_shared<Question>();
  question->pci_address = pci_address;
  question->questions = questions;
  shared_->questions.push_back(question);
  shared_->changed.notify_all();
  const auto settled = [&] { return question->done || question->given_up || shared_->late; };
  if (!shared_->changed.wait_until(lock, deadline, settled)) {
    shared_->late = true;
    shared_->changed.notify_all();
  }
  question->given_up = !question->done;
  return question->done ? std::move(question->answer) : std::nullopt;
}

}  // namespace rig
