#include "gpu_probe/capture/capture.h"

#include <array>
#include <cerrno>
#include <ctime>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>
#include <vector>

#include "gpu_probe/capture/capture_copy.h"
#include "gpu_probe/capture/capture_extras.h"
#include "gpu_probe/sysfs/amdgpu_sysfs.h"
#include "rig/amdgpu/card_discovery.h"
#include "rig/kernel/files.h"
#include "rig/kernel/text.h"
#include "rig/threads/timed_task.h"

namespace rig {
namespace {

namespace fs = std::filesystem;
using Time = std::chrono::steady_clock::time_point;

// What a thread reads. It can be looked at while the thread hangs.
class Recording {
 public:
  void add(const KernelRead& read) {
    const std::lock_guard lock(mutex_);
    reads_.push_back(read);
  }
  std::vector<KernelRead> reads() const {
    const std::lock_guard lock(mutex_);
    return reads_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<KernelRead> reads_;
};

// Work in a thread of its own, with everything that it reads.
template <typename T>
class RecordedLane {
 public:
  RecordedLane(const std::string& name, std::function<T()> work) : lane_(name) {
    ticket_ = lane_.start([recording = recording_, work = std::move(work)] {
      const ObservedReads observed([&](const KernelRead& read) { recording->add(read); });
      return work();
    });
  }

  typename TimedTask<T>::Outcome finish(Time deadline) { return lane_.finish(ticket_, deadline); }
  std::vector<KernelRead> reads() const { return recording_->reads(); }

 private:
  std::shared_ptr<Recording> recording_ = std::make_shared<Recording>();
  TimedTask<T> lane_;
  typename TimedTask<T>::Ticket ticket_;
};

struct Machine {
  std::vector<AmdgpuCard> cards;
  std::string kernel;
};

Machine read_machine(const fs::path& sys, const fs::path& proc) {
  Machine machine;
  machine.cards = list_amdgpu_cards(sys);
  amdgpu_version(sys, proc);
  read_module(sys);
  const auto release = try_read_file(proc / "sys/kernel/osrelease").text;
  machine.kernel = release ? release->substr(0, release->find('\n')) : "unknown";
  return machine;
}

// What became of a card, in words.
std::string read_card(const AmdgpuCard& card, const MarketingName& marketing_name) {
  const auto result = AmdgpuSysfs(card, marketing_name).read();
  if (!result) return "gone";
  read_pci_extras(card);
  const auto now = try_read_file(card.device / "power/runtime_status").text.value_or("");
  if (may_be_asleep(result->reading.runtime_state) || may_be_asleep(std::string(trim(now))))
    return "asleep: its driver was not asked; wake it and capture again to have all of it";
  read_driver_extras(card);
  return "complete";
}

void prepare(const fs::path& folder) {
  std::error_code error;
  fs::create_directory(folder, error);
  if (!error && !fs::is_empty(folder, error) && !error)
    throw std::runtime_error(folder.string() + ": not empty");
  if (error) throw std::runtime_error(folder.string() + ": " + error.message());
}

// The paths that are read below it are compared with it.
fs::path without_links(const fs::path& folder) {
  std::error_code error;
  fs::path result = fs::canonical(folder, error);
  if (error) throw std::runtime_error(folder.string() + ": " + error.message());
  return result;
}

std::string now() {
  const std::time_t seconds = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%FT%TZ", &parts)};
}

std::string pending_read(const std::vector<KernelRead>& reads, const CaptureCopy& copy) {
  if (reads.empty() || reads.back().ended) return "";
  return ": " + copy.name_of(reads.back().path) + " does not come back";
}

// "2 unique_id, 2 serial_number"
std::string counts_of(const std::map<std::string, std::vector<std::string>>& replaced) {
  std::map<std::string, int> counts;
  for (const auto& [file, ids] : replaced) {
    for (const auto& id : ids) ++counts[id];
  }
  std::string text;
  for (const auto& [id, count] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + id;
  return text.empty() ? "nothing" : text;
}

std::string notes_of(const CaptureCopy& copy) {
  std::string text = "\nReplaced by made-up ones:\n";
  for (const auto& [file, ids] : copy.replaced()) {
    for (const auto& id : ids) text += "  " + file + ": " + id + "\n";
  }
  text += "\nAsked for, and not in the copy:\n";
  for (const auto& [file, reason] : copy.missing()) text += "  " + file + ": " + reason + "\n";
  return text;
}

void write_notes(const fs::path& file, const std::string& text) {
  std::ofstream notes(file);
  notes << text;
  notes.close();
  if (!notes)
    throw std::runtime_error(file.string() + ": " + std::generic_category().message(errno));
}

// What is read of one thing, and how that is called.
struct Part {
  std::string name;
  std::unique_ptr<RecordedLane<std::string>> lane;
};

std::vector<Part> start_parts(const Machine& machine, const CaptureSettings& settings,
                              const fs::path& sys) {
  std::vector<Part> parts;
  const auto start = [&](const std::string& name, std::function<std::string()> work) {
    parts.push_back({name, std::make_unique<RecordedLane<std::string>>(name, std::move(work))});
  };
  for (const auto& card : machine.cards) {
    start(card.pci_address,
          [card, name = settings.marketing_name] { return read_card(card, name); });
  }
  start("kfd", [sys] {
    read_kfd_topology(sys);
    return std::string("complete");
  });
  return parts;
}

}  // namespace

CaptureOutcome capture(const CaptureSettings& settings, const fs::path& folder) {
  const fs::path sys = without_links(settings.sys);
  const fs::path proc = without_links(settings.proc);
  prepare(folder);

  RecordedLane<Machine> lister("gpu list", [sys, proc] { return read_machine(sys, proc); });
  const auto listed = lister.finish(std::chrono::steady_clock::now() + settings.patience);
  if (!listed.value) {
    throw std::runtime_error("the GPUs cannot be listed: " +
                             (listed.late ? "the read does not come back" : listed.error));
  }
  const Machine& machine = *listed.value;
  auto parts = start_parts(machine, settings, sys);
  const auto deadline = std::chrono::steady_clock::now() + settings.patience;

  CaptureCopy copy(
      {{sys, "sys"}, {proc, "proc"}, {settings.root / "usr/share/libdrm", "usr/share/libdrm"}},
      folder);
  for (const auto& read : lister.reads()) copy.add(read);
  CaptureOutcome outcome;
  if (machine.cards.empty()) outcome.problem = "there is no AMD GPU";
  std::string states;
  for (auto& part : parts) {
    const auto answer = part.lane->finish(deadline);
    const auto reads = part.lane->reads();
    for (const auto& read : reads) copy.add(read);
    const std::string trouble =
        answer.late ? "does not answer" + pending_read(reads, copy) : answer.error;
    const std::string state = part.name + ": " + (answer.value ? *answer.value : trouble);
    states += "  " + state + "\n";
    if (!answer.value && outcome.problem.empty()) outcome.problem = state;
  }

  outcome.summary = std::to_string(machine.cards.size()) + " AMD GPUs, " +
                    std::to_string(copy.files().size()) + " files\n" + states +
                    "replaced by made-up ones: " + counts_of(copy.replaced()) + "\n";
  write_notes(folder / "capture.txt", "rig_gpu_probe " + settings.version + "\n" + now() +
                                          "\nkernel " + machine.kernel + "\n" + outcome.summary +
                                          notes_of(copy));
  return outcome;
}

}  // namespace rig
