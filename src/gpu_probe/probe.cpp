#include "gpu_probe/probe.h"

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <utility>

#include "gpu_probe/hardware_events.h"
#include "gpu_probe/merge.h"

namespace rig {
namespace {

using namespace std::chrono_literals;

constexpr auto kListPatience = 500ms;
constexpr auto kShortestPause = 100ms;  // between two rounds, however many events there are
constexpr auto kLibraryPatience = 1s;   // for one card's answers

std::optional<GpuReading> sample_card(AmdgpuSysfs& sysfs, LibraryThread* library) {
  auto result = sysfs.read();
  if (!result) return std::nullopt;
  // Only a card that has just answered is asked about through the library, so that a card that
  // hangs stops its own thread and not the library's.
  if (library == nullptr || result->questions == GpuQuery{}) return std::move(result->reading);
  const auto answer = library->read(sysfs.card().pci_address, result->questions,
                                    Probe::Clock::now() + kLibraryPatience);
  if (!answer) return std::move(result->reading);
  return merged(std::move(result->reading), *answer);
}

}  // namespace

Probe::Probe(ProbeSettings settings, std::unique_ptr<GpuLibrary> library, std::string reason,
             LineOutput& output)
    : settings_(std::move(settings)),
      reason_(std::move(reason)),
      output_(output),
      lister_("gpu list"),
      process_reader_("gpu processes") {
  if (settings_.processes > 0)
    processes_ = std::make_shared<KfdProcesses>(settings_.sys, settings_.proc);
  if (library) library_ = std::make_shared<LibraryThread>(std::move(library));
}

std::vector<AmdgpuCard> Probe::list_cards() {
  const auto ticket = lister_.start([sys = settings_.sys] { return list_amdgpu_cards(sys); });
  const auto outcome = lister_.finish(ticket, Clock::now() + kListPatience);
  if (outcome.value) {
    listed_ = true;
    return *outcome.value;
  }
  // Nobody knows whether there are GPUs: an empty list would be a lie.
  if (!listed_) {
    throw std::runtime_error("the GPUs cannot be listed: " +
                             (outcome.late ? "the read does not come back" : outcome.error));
  }
  return cards_;
}

std::unique_ptr<CardSampler> Probe::make_sampler(const AmdgpuCard& card) const {
  const auto sysfs = std::make_shared<AmdgpuSysfs>(card, settings_.marketing_name);
  return std::make_unique<CardSampler>(
      "gpu " + card.pci_address,
      [sysfs, library = library_] { return sample_card(*sysfs, library.get()); },
      [&output = output_](const GpuReading& reading) { output.write(reading); });
}

// A thread that is out keeps its place until it returns, so that a card that comes and goes while
// its driver hangs takes one thread and no more.
void Probe::watch_cards() {
  for (const auto& card : cards_) {
    Watched& watched = watched_[card.pci_address];
    if (watched.sampler && (watched.card == card || watched.sampler->out_for())) continue;
    watched = {card, make_sampler(card)};
  }
  std::erase_if(watched_, [&](const auto& entry) {
    const bool there =
        std::ranges::find(cards_, entry.first, &AmdgpuCard::pci_address) != cards_.end();
    return !there && !entry.second.sampler->out_for();
  });
}

// The library keeps the paths that it found when it was started. Where there is no card at all,
// some versions never return from looking for one.
void Probe::restart_library() {
  if (!library_ || cards_.empty()) return;
  const auto now = Clock::now();
  const bool retry =
      !library_->state().usable && now - library_started_at_ >= settings_.library_retry;
  if (cards_ == library_cards_ && !retry) return;
  const bool first = library_cards_.empty();
  library_cards_ = cards_;
  library_started_at_ = now;
  library_->start();
  // Later the samples come from sysfs meanwhile: a round that waits would make all cards look old.
  if (first) library_->wait_until_started(now + settings_.library_start_patience);
}

// KFD may wait for a GPU that hangs: at most one look is under way. The first is waited for, so
// that the first answer to anybody has it.
void Probe::look_for_processes() {
  if (!processes_) return;
  const bool first = !process_look_;
  if (first) first_process_look_ = Clock::now();
  process_look_ = process_reader_.start(
      [processes = processes_, &output = output_, most = settings_.processes] {
        output.write(processes->read(most));
        return true;
      });
  if (first) process_reader_.finish(process_look_, Clock::now() + kListPatience);
}

GpuList Probe::list() const {
  GpuList list;
  for (const auto& card : cards_) {
    GpuPresence gpu{card.pci_address, 0};
    const auto out = watched_.at(card.pci_address).sampler->out_for();
    if (out && *out >= settings_.interval)
      gpu.waiting_seconds = std::chrono::duration<double>(*out).count();
    list.gpus.push_back(std::move(gpu));
  }
  if (process_reader_.stuck()) {
    const std::chrono::duration<double> out = Clock::now() - first_process_look_;
    list.processes_waiting_seconds = out.count();
  }
  return list;
}

ProbeReport Probe::report() const {
  ProbeReport report;
  report.version = settings_.version;
  report.source = "sysfs";
  report.reason = reason_;
  report.interval_seconds = settings_.interval.count();
  report.driver_version = driver_version_;
  if (!library_) return report;

  const auto state = library_->state();
  report.rocm_smi_version = state.version;
  report.reason = state.reason;
  if (cards_.empty()) {
    report.reason = "there is no AMD GPU";
  } else if (state.usable) {
    std::string unknown;
    bool any_known = false;
    for (const auto& card : cards_) {
      const bool known = state.pci_addresses.contains(card.pci_address);
      any_known = any_known || known;
      if (!known) unknown += (unknown.empty() ? "" : ", ") + card.pci_address;
    }
    if (any_known) report.source = "rocm_smi";
    if (!unknown.empty())
      report.reason = "librocm_smi64 tells nothing about " + unknown + ": read from sysfs";
  }
  return report;
}

void Probe::round() {
  const auto cards_before = std::exchange(cards_, list_cards());
  watch_cards();
  restart_library();
  // A driver that is loaded anew has its cards come anew.
  if (cards_ != cards_before) driver_version_ = amdgpu_version(settings_.sys, settings_.proc);
  auto report_now = report();
  if (report_now != reported_) output_.write(report_now);
  reported_ = std::move(report_now);
  output_.write(list());
  look_for_processes();
  for (const auto& card : cards_) watched_.at(card.pci_address).sampler->tick();
}

std::vector<std::string> Probe::wait(Clock::time_point deadline) {
  std::vector<std::string> late;
  if (process_look_) process_reader_.finish(process_look_, deadline);
  for (const auto& card : cards_) {
    if (!watched_.at(card.pci_address).sampler->wait(deadline)) late.push_back(card.pci_address);
  }
  return late;
}

void Probe::run() {
  const auto interval = std::chrono::duration_cast<Clock::duration>(settings_.interval);
  HardwareEvents events;
  auto next = Clock::now();
  while (true) {
    const auto began = Clock::now();
    round();
    next += interval;
    const auto behind = Clock::now() - next;
    if (behind > 0s) next += (behind / interval + 1) * interval;  // what was missed is not made up
    // A card that came or went is looked at at once.
    if (events.wait(next)) {
      std::this_thread::sleep_until(began + kShortestPause);
      next = Clock::now();
    }
  }
}

}  // namespace rig
