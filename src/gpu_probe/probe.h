// The rounds of rig_gpu_probe: which cards are there, one sample of each, what reads them.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gpu_probe/card_sampler.h"
#include "gpu_probe/kfd/kfd_processes.h"
#include "gpu_probe/line_output.h"
#include "gpu_probe/rocm_smi/library_thread.h"
#include "gpu_probe/sysfs/amdgpu_sysfs.h"
#include "rig/amdgpu/card_discovery.h"
#include "rig/gpu_protocol/probe_line.h"
#include "rig/threads/timed_task.h"

namespace rig {

struct ProbeSettings {
  std::string version;
  std::filesystem::path sys = "/sys";
  std::filesystem::path proc = "/proc";
  unsigned processes = 32;  // so many are said, the largest; 0: none is looked for
  std::chrono::duration<double> interval{1};
  // How long a round waits for the library to look for its cards, before it goes on from sysfs.
  std::chrono::milliseconds library_start_patience{3000};
  // When a library that could not be started (another process holds its lock, say) is tried again.
  std::chrono::milliseconds library_retry{300'000};
  MarketingName marketing_name;
};

// One thread calls it. It waits for no card and not for the library.
class Probe {
 public:
  using Clock = std::chrono::steady_clock;

  // `output` outlives all threads of the probe. `library` is empty when the GPUs are to be read
  // from sysfs, `reason` says why.
  Probe(ProbeSettings settings, std::unique_ptr<GpuLibrary> library, std::string reason,
        LineOutput& output);

  // Says which GPUs are there, and starts a sample of each and a look at who uses them.
  void round();

  // The cards that have not answered until the deadline. Waits for who uses them, too.
  std::vector<std::string> wait(Clock::time_point deadline);

  // A round every interval, and when a graphics device comes or goes, for ever.
  [[noreturn]] void run();

 private:
  struct Watched {
    AmdgpuCard card;
    std::unique_ptr<CardSampler> sampler;
  };

  std::vector<AmdgpuCard> list_cards();
  void watch_cards();
  std::unique_ptr<CardSampler> make_sampler(const AmdgpuCard& card) const;
  void restart_library();
  void look_for_processes();
  GpuList list() const;
  ProbeReport report() const;

  ProbeSettings settings_;
  std::shared_ptr<LibraryThread> library_;
  std::string reason_;
  LineOutput& output_;

  TimedTask<std::vector<AmdgpuCard>> lister_;
  bool listed_ = false;                    // the cards have been listed at least once
  std::vector<AmdgpuCard> cards_;          // there now
  std::vector<AmdgpuCard> library_cards_;  // there when the library last looked
  Clock::time_point library_started_at_;
  TimedTask<bool> process_reader_;
  TimedTask<bool>::Ticket process_look_;  // the latest
  Clock::time_point first_process_look_;
  std::shared_ptr<KfdProcesses> processes_;  // empty: nobody wants to know
  std::map<std::string, Watched> watched_;   // by PCI address; also one that is gone while it hangs
  std::string driver_version_;
  std::optional<ProbeReport> reported_;
};

}  // namespace rig
