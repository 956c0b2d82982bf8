// Plausible ranges of values. A value outside its range is wrong, regardless of its source: a
// defective sensor reports 511 °C, firmware reports all ones (0xFFFF) for "unknown", and a
// subtraction in the kernel or in lxcfs that went below zero reports a number just under 2^64.
#pragma once

namespace rig {

struct Range {
  double lowest;
  double highest;
  constexpr bool contains(double value) const { return value >= lowest && value <= highest; }
  bool operator==(const Range&) const = default;
};

inline constexpr Range kAnyCount{0, 1e18};
inline constexpr Range kPlausibleCelsius{-40, 150};
inline constexpr Range kPlausibleWatts{0, 2000};
// 65535 MHz is an unknown frequency.
inline constexpr Range kPlausibleHertz{0, 2e10};
// 65535 rpm is an unknown speed.
inline constexpr Range kPlausibleRpm{0, 50'000};
inline constexpr Range kPlausibleRatio{0, 1};
// 317 years. A 64-bit counter of nanoseconds or longer units that wrapped below zero is larger.
inline constexpr Range kPlausibleSeconds{0, 1e10};
inline constexpr Range kPlausibleVolts{0, 20};
inline constexpr Range kPlausibleLanes{1, 32};
inline constexpr Range kPlausibleTransfers{1e9, 1e12};
// A 32-bit counter at all ones is an unknown one.
inline constexpr Range kPlausible32BitCount{0, 4294967294};

}  // namespace rig
