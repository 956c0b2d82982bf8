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
#include "rig/kernel/read_result.h"
#include "rig/kernel/text.h"
#include "rig/threads/timed_task.h"

namespace rig {
namespace {

namespace fs = std::filesystem;
using Time = std::chrono::steady_clock::time_point;

// The reads of a thread. Can be accessed while the thread is hung.
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

// A TimedTask that records everything it reads. Starts immediately.
template <typename T>
class RecordedTask {
 public:
  RecordedTask(const std::string& name, std::function<T()> work) : task_(name, name) {
    ticket_ = task_.start([recording = recording_, work = std::move(work)]() -> ReadResult<T> {
      const ObservedReads observed([&](const KernelRead& read) { recording->add(read); });
      return work();
    });
  }

  ReadResult<T> result(Time deadline) { return task_.result(ticket_, deadline); }
  std::vector<KernelRead> reads() const { return recording_->reads(); }

 private:
  std::shared_ptr<Recording> recording_ = std::make_shared<Recording>();
  TimedTask<T> task_;
  typename TimedTask<T>::Ticket ticket_;
};

struct Machine {
  std::vector<AmdgpuCard> cards;
  std::string kernel;
};

Machine read_machine(const RootPaths& paths) {
  Machine machine;
  machine.cards = list_amdgpu_cards(paths.sys);
  amdgpu_version(paths.sys, paths.proc);
  read_module(paths.sys);
  const auto release = read_text(paths.proc / "sys/kernel/osrelease");
  machine.kernel = release ? release->substr(0, release->find('\n')) : "unknown";
  return machine;
}

// Returns the GPU's state for the summary.
std::string read_gpu(const AmdgpuCard& card, const MarketingName& marketing_name) {
  const auto result = AmdgpuSysfs(card, marketing_name).read();
  if (!result) return "removed";
  read_pci_extras(card);
  const auto status = read_text(card.device / "power/runtime_status").value_or("");
  if (may_be_asleep(result->reading.runtime_state) || may_be_asleep(std::string(trim(status))))
    return "suspended; its driver was not queried; wake it and capture again for a complete copy";
  read_driver_extras(card);
  return "complete";
}

void prepare(const fs::path& directory) {
  std::error_code error;
  fs::create_directory(directory, error);
  if (!error && !fs::is_empty(directory, error) && !error)
    throw std::runtime_error(directory.string() + ": not empty");
  if (error) throw std::runtime_error(directory.string() + ": " + error.message());
}

// CaptureCopy compares the paths of reads with their root, which must not contain links.
fs::path canonical_directory(const fs::path& directory) {
  std::error_code error;
  fs::path result = fs::canonical(directory, error);
  if (error) throw std::runtime_error(directory.string() + ": " + error.message());
  return result;
}

std::string current_time() {
  const std::time_t seconds = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 32> text;
  return {text.data(), std::strftime(text.data(), text.size(), "%FT%TZ", &parts)};
}

// ": PATH" of the read that is still running.
std::string pending_read(const std::vector<KernelRead>& reads, const CaptureCopy& copy) {
  if (reads.empty() || reads.back().ended) return "";
  return ": " + copy.name_of(reads.back().path);
}

// "2 unique_id, 2 serial_number"
std::string count_identifiers(const std::map<std::string, std::vector<std::string>>& replaced) {
  std::map<std::string, int> counts;
  for (const auto& [file, ids] : replaced) {
    for (const auto& id : ids) ++counts[id];
  }
  std::string text;
  for (const auto& [id, count] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(count) + " " + id;
  return text.empty() ? "none" : text;
}

std::string notes_of(const CaptureCopy& copy) {
  std::string text = "\nReplaced identifiers:\n";
  for (const auto& [file, ids] : copy.replaced()) {
    for (const auto& id : ids) text += "  " + file + ": " + id + "\n";
  }
  text += "\nFiles that were read and are not in the copy:\n";
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

// One independent part of the capture. The task returns the part's state for the summary.
struct Part {
  std::string name;
  std::unique_ptr<RecordedTask<std::string>> task;
};

std::vector<Part> start_parts(const Machine& machine, const MarketingName& marketing_name,
                              const fs::path& sys) {
  std::vector<Part> parts;
  const auto start = [&](const std::string& name, std::function<std::string()> work) {
    parts.push_back({name, std::make_unique<RecordedTask<std::string>>(name, std::move(work))});
  };
  for (const auto& card : machine.cards)
    start(card.pci_address, [card, marketing_name] { return read_gpu(card, marketing_name); });
  start("kfd", [sys] {
    read_kfd_topology(sys);
    return std::string("complete");
  });
  return parts;
}

// Adds what the parts have read to the copy. Returns their states, and the first problem in
// `problem`.
std::string collect_parts(const std::vector<Part>& parts, Time deadline, CaptureCopy& copy,
                          std::string& problem) {
  std::string states;
  for (const auto& part : parts) {
    const auto result = part.task->result(deadline);
    const auto reads = part.task->reads();
    for (const auto& read : reads) copy.add(read);
    std::string state = result ? part.name + ": " + *result : to_string(*result.problem());
    if (!result && result.problem()->path != part.name) state = part.name + ": " + state;
    if (result.timed_out()) state += pending_read(reads, copy);
    states += "  " + state + "\n";
    if (!result && problem.empty()) problem = state;
  }
  return states;
}

}  // namespace

CaptureResult capture(const CaptureSettings& settings, const fs::path& directory) {
  RootPaths paths = settings.paths;
  paths.sys = canonical_directory(paths.sys);
  paths.proc = canonical_directory(paths.proc);
  prepare(directory);

  RecordedTask<Machine> machine_task("list of GPUs", [paths] { return read_machine(paths); });
  const auto machine_result =
      machine_task.result(std::chrono::steady_clock::now() + settings.timeout);
  if (!machine_result) throw ReadError(*machine_result.problem());
  const Machine& machine = *machine_result;
  const auto parts = start_parts(machine, settings.marketing_name, paths.sys);
  const auto deadline = std::chrono::steady_clock::now() + settings.timeout;

  CaptureCopy copy({{paths.sys, "sys"},
                    {paths.proc, "proc"},
                    {paths.root / "usr/share/libdrm", "usr/share/libdrm"}},
                   directory);
  for (const auto& read : machine_task.reads()) copy.add(read);
  CaptureResult result;
  if (machine.cards.empty()) result.problem = "there is no AMD GPU";
  const std::string states = collect_parts(parts, deadline, copy, result.problem);

  result.summary = std::to_string(machine.cards.size()) + " AMD GPUs, " +
                   std::to_string(copy.files().size()) + " files\n" + states +
                   "replaced identifiers: " + count_identifiers(copy.replaced()) + "\n";
  write_notes(directory / "capture.txt", "rig_gpu_probe " + settings.version + "\n" +
                                             current_time() + "\nkernel " + machine.kernel + "\n" +
                                             result.summary + notes_of(copy));
  return result;
}

}  // namespace rig
