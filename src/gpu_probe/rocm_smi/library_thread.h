// The only thread that calls librocm_smi64.
//
// Any call of the library may block without limit, because of a driver or of another process that
// holds the library's lock. A caller waits until its deadline; while a call is hung, no other
// caller waits for the library. All functions are thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <set>
#include <string>

#include "gpu_probe/rocm_smi/gpu_library.h"
#include "rig/threads/stoppable_thread.h"

namespace rig {

class LibraryThread {
 public:
  using Time = std::chrono::steady_clock::time_point;

  struct State {
    bool usable = false;
    std::string version;  // empty until the library was started
    std::string reason;   // why it is not usable
    // The GPUs that the library found, except those without any value in their latest reading.
    std::set<std::string> pci_addresses;
  };

  explicit LibraryThread(std::unique_ptr<GpuLibrary> library);
  LibraryThread(const LibraryThread&) = delete;
  LibraryThread& operator=(const LibraryThread&) = delete;
  // Never waits for the library: a hung thread is left behind and ends when its call returns.
  ~LibraryThread();

  // Requests that the library searches for GPUs, initially or again. It is not usable in the
  // meantime.
  void start();

  State state() const;
  // Waits until start() has completed; returns false on timeout.
  bool wait_until_started(Time deadline) const;

  // Absent if the library is not usable, did not find the GPU, or times out.
  std::optional<GpuReading> read(const std::string& pci_address, const GpuQuery& query,
                                 Time deadline);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;  // outlives this object while a call is hung
  StoppableThread thread_;
};

}  // namespace rig
