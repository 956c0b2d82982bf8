// The one thread that enters librocm_smi64.
//
// The library may block in any call for as long as a driver, or another process that holds its
// lock, likes. Whoever asks waits until a deadline and then does without; while the thread is out,
// nobody waits for it again. All functions may be called from any thread.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "gpu_probe/rocm_smi/gpu_library.h"

namespace rig {

class LibraryThread {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct State {
    bool usable = false;  // it can be asked
    std::string version;  // empty until it was started
    std::string reason;   // why it cannot
    // The cards that it knows and, when it was asked about them last, had a value for.
    std::set<std::string> pci_addresses;
  };

  explicit LibraryThread(std::unique_ptr<GpuLibrary> library);
  LibraryThread(const LibraryThread&) = delete;
  LibraryThread& operator=(const LibraryThread&) = delete;
  // Never waits for the library: a thread that is out is left to end when its call returns.
  ~LibraryThread();

  // Has the library look for its cards, for the first time or anew. Not usable until it has.
  void start();

  State state() const;
  // Waits until start() has been done; false when the deadline came first.
  bool wait_until_started(Time deadline) const;

  // Absent when the library is not usable, does not know the card, or is late.
  std::optional<GpuReading> read(const std::string& pci_address, const GpuQuery& questions,
                                 Time deadline);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;  // outlives us while the thread is out
  std::thread thread_;
};

}  // namespace rig
