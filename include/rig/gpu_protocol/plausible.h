// Plausible ranges of values. A value outside its range is wrong, regardless of its source: a
// defective sensor or faulty firmware reports 511 °C, 0xFFFF or similar.
#pragma once

namespace rig {

struct Range {
  double lowest;
  double highest;
  constexpr bool contains(double value) const { return value >= lowest && value <= highest; }
};

inline constexpr Range kPlausibleCelsius{-40, 150};
inline constexpr Range kPlausibleWatts{0, 2000};
inline constexpr Range kPlausibleHertz{0, 1e11};
inline constexpr Range kPlausibleRpm{0, 100'000};
inline constexpr Range kPlausibleRatio{0, 1};
inline constexpr Range kPlausibleBytes{0, 1e15};
inline constexpr Range kPlausibleVolts{0, 20};
inline constexpr Range kPlausibleLanes{1, 32};
inline constexpr Range kPlausibleTransfers{1e9, 1e12};
inline constexpr Range kAnyCount{0, 1e18};

}  // namespace rig
