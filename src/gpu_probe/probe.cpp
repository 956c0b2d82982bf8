#include "gpu_probe/probe.h"

#include <thread>
#include <utility>

#include "gpu_probe/hardware_events.h"
#include "gpu_probe/merge.h"
#include "rig/kernel/cached_structure.h"
#include "rig/kernel/files.h"
#include "rig/kernel/read_result.h"

namespace rig {
namespace {

using namespace std::chrono_literals;

constexpr auto kListTimeout = 500ms;
constexpr auto kMinInterval = 100ms;  // between two rounds, however many events there are
constexpr auto kPatience = 500ms;     // with a sample, before its GPU counts as hung
constexpr auto kLibraryTimeout = 1s;  // for one GPU

// With the path of each GPU's directory without links, below which descriptors can be kept
// (kept_descriptors.h). The PCI address is its last component: it never leads to another GPU.
std::vector<AmdgpuCard> located(std::vector<AmdgpuCard> cards) {
  for (AmdgpuCard& card : cards) {
    auto directory = real_path(card.device);
    if (directory && directory->native().ends_with("/" + card.pci_address))
      card.device = *std::move(directory);
  }
  return cards;
}

std::optional<GpuReading> sample_gpu(AmdgpuSysfs& sysfs, LibraryThread* library) {
  auto result = sysfs.read();
  if (!result) return std::nullopt;
  // The library is called only for a GPU whose driver has just responded, so that a hung GPU blocks
  // its own thread and not the library's.
  if (library == nullptr || result->query == GpuQuery{}) return std::move(result->reading);
  const auto reading =
      library->read(sysfs.card().pci_address, result->query, Probe::Clock::now() + kLibraryTimeout);
  if (!reading) return std::move(result->reading);
  return merged(std::move(result->reading), *reading);
}

}  // namespace

Probe::Probe(ProbeSettings settings, std::unique_ptr<GpuLibrary> library, std::string reason,
             LineOutput& output)
    : settings_(std::move(settings)),
      pacing_(settings_.sample_interval, settings_.max_cpu_percent / 100.0),
      library_(library ? std::make_shared<LibraryThread>(std::move(library)) : nullptr),
      reason_(std::move(reason)),
      output_(output),
      list_task_("gpu list", "list of GPUs"),
      samplers_(make_samplers()),
      process_task_("gpu processes", "GPU processes",
                    {.limit = {}, .on_finished = {}, .executor = samplers_.executor()}) {
  if (settings_.processes > 0)
    processes_ = std::make_shared<KfdProcesses>(settings_.paths.sys, settings_.paths.proc);
}

Probe::Cards Probe::list_cards() {
  const auto result = list_task_.run(
      [sys = settings_.paths.sys, known = cards_]() -> ReadResult<Cards> {
        auto cards = located(list_amdgpu_cards(sys));
        if (cards == *known) return known;
        return std::make_shared<const std::vector<AmdgpuCard>>(std::move(cards));
      },
      Clock::now() + kListTimeout);
  if (result) {
    listed_ = true;
    return *result;
  }
  // An empty list would claim that there are no GPUs.
  if (!listed_) throw ReadError(*result.problem());
  return cards_;
}

GpuSamplers Probe::make_samplers() const {
  return {[name = settings_.marketing_name, library = library_](const AmdgpuCard& card) {
            const auto sysfs = std::make_shared<AmdgpuSysfs>(card, name);
            return [sysfs, library] { return sample_gpu(*sysfs, library.get()); };
          },
          [&output = output_](const GpuReading& reading) { output.write(reading); }};
}

// The library keeps the paths that it found when it was started. It is not started without a GPU,
// because some versions never return then.
void Probe::restart_library() {
  if (!library_ || cards_->empty()) return;
  const auto now = Clock::now();
  const bool retry =
      !library_->state().usable && now - library_started_at_ >= settings_.library_retry_interval;
  if (*cards_ == *library_cards_ && !retry) return;
  const bool first = library_cards_->empty();
  library_cards_ = cards_;
  library_started_at_ = now;
  library_->start();
  // Later starts are not waited for, since that would delay all readings: sysfs is read in the
  // meantime.
  if (first) library_->wait_until_started(now + settings_.library_start_timeout);
}

// KFD may wait for a hung GPU, so at most one read is running. The first one is waited for, so that
// the first sample includes the processes.
void Probe::read_processes() {
  if (!processes_) return;
  const bool first = !process_ticket_;
  process_ticket_ = process_task_.start([processes = processes_, &output = output_,
                                         limit = settings_.processes]() -> ReadResult<bool> {
    output.write(processes->read(limit));
    return true;
  });
  if (first) process_task_.result(process_ticket_, Clock::now() + kListTimeout);
}

GpuList Probe::list() const {
  GpuList list;
  for (const auto& card : *cards_) {
    GpuPresence gpu{card.pci_address, 0};
    const auto running_for = samplers_.running_for(card.pci_address);
    if (running_for && *running_for >= pacing_.interval())
      gpu.waiting_seconds = std::chrono::duration<double>(*running_for).count();
    list.gpus.push_back(std::move(gpu));
  }
  if (const auto running_for = process_task_.running_for(); running_for && process_task_.hung())
    list.processes_waiting_seconds = std::chrono::duration<double>(*running_for).count();
  return list;
}

ProbeReport Probe::report() const {
  ProbeReport report;
  report.version = settings_.version;
  report.source = kSourceSysfs;
  report.reason = reason_;
  report.interval_seconds = std::chrono::duration<double>(pacing_.interval()).count();
  report.driver_version = driver_version_;
  if (library_) describe_library(report);
  return report;
}

void Probe::describe_library(ProbeReport& report) const {
  const auto state = library_->state();
  report.rocm_smi_version = state.version;
  report.reason = state.reason;
  if (cards_->empty()) {
    report.reason = "there is no AMD GPU";
  } else if (state.usable) {
    std::string missing;
    bool any_present = false;
    for (const auto& card : *cards_) {
      const bool present = state.pci_addresses.contains(card.pci_address);
      any_present = any_present || present;
      if (!present) missing += (missing.empty() ? "" : ", ") + card.pci_address;
    }
    if (any_present) report.source = kSourceRocmSmi;
    if (!missing.empty())
      report.reason = "librocm_smi64 reports no values of " + missing + "; reading sysfs instead";
  }
}

void Probe::run_once() {
  refresh_structure();
  const auto previous_cards = std::exchange(cards_, list_cards());
  samplers_.update(*cards_);
  restart_library();
  // A reload of the driver recreates its GPUs.
  if (cards_ != previous_cards)  // list_cards() returns the same list if it is equal
    driver_version_ = amdgpu_version(settings_.paths.sys, settings_.paths.proc);
  auto current_report = report();
  if (current_report != last_report_) output_.write(current_report);
  last_report_ = std::move(current_report);
  output_.write(list());
  read_processes();
  samplers_.start();
}

std::vector<std::string> Probe::wait(Clock::time_point deadline) {
  if (process_ticket_) process_task_.result(process_ticket_, deadline);
  return samplers_.wait(deadline);
}

void Probe::run() {
  HardwareEvents events;
  auto next = Clock::now();
  while (true) {
    const auto began = Clock::now();
    run_once();
    pacing_.update(process_cpu_time(), cards_->size());
    const Clock::duration interval = pacing_.interval();
    next += interval;
    const auto behind = Clock::now() - next;
    if (behind > 0s) next += (behind / interval + 1) * interval;  // skip missed rounds
    // After an event, list the GPUs again without waiting for the interval.
    if (events.wait(next)) {
      std::this_thread::sleep_until(began + kMinInterval);
      next = Clock::now();
    }
  }
}

// A sample that has just been written, or that an earlier request has just started, is not hung:
// the next one begins after it. The same applies to a read of the processes.
void Probe::wait_for_recent_samples() {
  if (const auto running_for = process_task_.running_for())
    process_task_.result(process_ticket_, Clock::now() + kPatience - *running_for);
  samplers_.wait_for_recent(kPatience);
}

void Probe::run_at(const WakeupEvent& requests) {
  HardwareEvents events;
  while (true) {
    const auto began = Clock::now();
    requests.clear();
    wait_for_recent_samples();
    run_once();
    if (events.wait_until_readable(requests.fd()))
      std::this_thread::sleep_until(began + kMinInterval);
  }
}

}  // namespace rig
