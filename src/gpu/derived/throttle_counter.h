// Whether a card is limited and for how long, by reason, as far as it can be believed.
//
// There are two origins, and for a reason that has ever had the second, it is the one:
// - The bits that the firmware sets now (reading.throttled). A bit counts for the time since the
//   sample before.
// - Cycles that the firmware counts all the time (reading.throttle_cycles of
//   reading.counted_cycles; MI300, whose bits are always 0). Their share of the cycles counts for
//   the time between two samples, also over a gap of up to 10 minutes; then the reason holds when
//   there were any since the sample before. Counters of 32 bits may wrap.
//
// Bits of heat ("thermal_…") are gated, since there are cards on which one is always 1 (RDNA3 and
// RDNA4: thermal_junction). Where the temperature of its sensor ("thermal_edge": edge) and the
// critical limit of that are known, 1 is believed within 10 °C of the limit, and is 0 below, since
// a cool sensor limits nothing. A reason whose temperature or limit is not known is absent until
// its bit was 0 once: a bit that was never anything but 1 says nothing. Other bits are believed: a
// card at its power cap for days is nothing odd. Used by one thread.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "gpu/derived/sampled_integral.h"
#include "rig/gpu_protocol/gpu_reading.h"

namespace rig {

class ThrottleCounter {
 public:
  using Clock = std::chrono::steady_clock;

  explicit ThrottleCounter(Clock::duration longest_gap) : longest_gap_(longest_gap) {}

  // `now` is later than in the call before.
  void add(const GpuReading& reading, Clock::time_point now);

  // The card sleeps: nothing is known of the time until the next reading.
  void interrupt();

  // Of the latest reading: 1 while it is limited for that reason, else 0.
  const std::map<std::string, double>& throttled() const { return throttled_; }
  // Only grow.
  std::map<std::string, double> seconds() const;

 private:
  struct Cycles {
    double limited;
    double counted;
    Clock::time_point at;
  };
  struct CycleCounter {
    std::optional<Cycles> last;
    double seconds = 0;
  };

  void add_bit(const std::string& reason, bool bit, const GpuReading& reading,
               Clock::time_point now);
  void add_cycles(const std::string& reason, const Cycles& cycles);
  std::optional<bool> believed(const std::string& reason, bool bit,
                               const GpuReading& reading) const;

  Clock::duration longest_gap_;
  std::map<std::string, double> throttled_;
  std::set<std::string> seen_off_;  // reasons whose bit was 0 once
  std::map<std::string, SampledIntegral> by_bits_;
  std::map<std::string, CycleCounter> by_cycles_;
};

}  // namespace rig
