#include "gpu_probe/rocm_smi/library_thread.h"

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <mutex>
#include <utility>

namespace rig {
namespace {

// An exception of the library is handled like any other crash of it: rig_exporter restarts the
// probe.
[[noreturn]] void crash(const std::string& error) {
  std::fprintf(stderr, "librocm_smi64: %s\n", error.c_str());
  std::abort();
}

bool has_values(const GpuReading& reading) {
  GpuReading empty;
  empty.pci_address = reading.pci_address;
  return reading != empty;
}

}  // namespace

struct LibraryThread::Shared {
  struct Request {
    std::string pci_address;
    GpuQuery query;
    std::optional<GpuReading> reading;
    bool done = false;
    bool abandoned = false;  // the caller has timed out
  };

  mutable std::mutex mutex;
  std::condition_variable changed;
  std::unique_ptr<GpuLibrary> library;  // used only by the thread
  std::deque<std::shared_ptr<Request>> requests;
  bool start_requested = false;
  bool starting = false;
  bool calling = false;                       // a call of the library is running
  bool hung = false;                          // a caller has timed out waiting for that call
  std::set<std::string> gpus_without_values;  // in their latest reading
  bool closed = false;
  State started;  // the result of the latest start

  explicit Shared(std::unique_ptr<GpuLibrary> new_library) : library(std::move(new_library)) {
    started.reason = "not started";
  }

  bool busy() const { return start_requested || starting || hung; }

  // Makes serve() return. True if a call is running.
  bool close() {
    const std::lock_guard lock(mutex);
    closed = true;
    changed.notify_all();
    return calling;
  }

  void serve() {
    std::unique_lock lock(mutex);
    while (true) {
      changed.wait(lock, [&] { return closed || start_requested || !requests.empty(); });
      if (closed) return;
      if (start_requested) {
        start(lock);
      } else {
        read_next(lock);
      }
      hung = false;
      changed.notify_all();
    }
  }

  void start(std::unique_lock<std::mutex>& lock) {
    start_requested = false;
    starting = true;
    calling = true;
    lock.unlock();
    State state;
    state.reason = library->start();
    state.usable = state.reason.empty();
    state.version = library->version();
    for (auto& address : library->pci_addresses()) state.pci_addresses.insert(std::move(address));
    lock.lock();
    started = std::move(state);
    gpus_without_values.clear();
    starting = false;
    calling = false;
  }

  void read_next(std::unique_lock<std::mutex>& lock) {
    const auto request = std::move(requests.front());
    requests.pop_front();
    if (request->abandoned) return;
    calling = true;
    lock.unlock();
    auto reading = library->read(request->pci_address, request->query);
    lock.lock();
    if (has_values(reading)) {
      gpus_without_values.erase(request->pci_address);
    } else {
      gpus_without_values.insert(request->pci_address);
    }
    request->reading = std::move(reading);
    request->done = true;
    calling = false;
  }
};

LibraryThread::LibraryThread(std::unique_ptr<GpuLibrary> library)
    : shared_(std::make_shared<Shared>(std::move(library))),
      thread_(
          "rocm_smi", [shared = shared_](const StopToken&) { shared->serve(); },
          [](const std::string& error) { crash(error); }) {}

LibraryThread::~LibraryThread() {
  if (shared_->close()) thread_.stop(std::chrono::milliseconds(0));
}

void LibraryThread::start() {
  const std::lock_guard lock(shared_->mutex);
  shared_->start_requested = true;
  shared_->changed.notify_all();
}

LibraryThread::State LibraryThread::state() const {
  const std::lock_guard lock(shared_->mutex);
  State state = shared_->started;
  if (shared_->busy()) {
    state.usable = false;
    state.reason = shared_->hung ? "librocm_smi64 timed out: the driver of a GPU does not respond, "
                                   "or another process holds the library's lock in /dev/shm"
                                 : "rsmi_init has not returned yet";
  }
  for (const auto& address : shared_->gpus_without_values) state.pci_addresses.erase(address);
  return state;
}

bool LibraryThread::wait_until_started(Time deadline) const {
  std::unique_lock lock(shared_->mutex);
  return shared_->changed.wait_until(
      lock, deadline, [&] { return !shared_->start_requested && !shared_->starting; });
}

std::optional<GpuReading> LibraryThread::read(const std::string& pci_address, const GpuQuery& query,
                                              Time deadline) {
  std::unique_lock lock(shared_->mutex);
  if (shared_->busy() || !shared_->started.usable ||
      !shared_->started.pci_addresses.contains(pci_address))
    return std::nullopt;
  const auto request = std::make_shared<Shared::Request>();
  request->pci_address = pci_address;
  request->query = query;
  shared_->requests.push_back(request);
  shared_->changed.notify_all();
  const auto settled = [&] { return request->done || request->abandoned || shared_->hung; };
  if (!shared_->changed.wait_until(lock, deadline, settled)) {
    shared_->hung = true;
    shared_->changed.notify_all();
  }
  request->abandoned = !request->done;
  return request->done ? std::move(request->reading) : std::nullopt;
}

}  // namespace rig
