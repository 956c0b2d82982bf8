// Readings with a value in every field of the table, including rows that are added later.
#pragma once

#include "rig/gpu_protocol/gpu_fields.h"

namespace rig {

inline void fill(std::optional<double>& value) { value = 7.5; }
inline void fill(std::optional<std::string>& value) { value = "word"; }
inline void fill(std::string& value) { value = "word"; }
inline void fill(LabeledNumbers& values) { values = {{"first", 0}, {"second", 1024.5}}; }
inline void fill(NestedNumbers& values) {
  values = {{"first", {{"one", 0}, {"two", 2}}}, {"second", {{"one", 3.5}}}};
}
inline void fill(LabeledTexts& values) { values = {{"first", "0x003a5400"}}; }

// Sets the fields that have no value.
inline GpuReading with_all_fields(GpuReading reading) {
  for_each_gpu_field([&](const auto& field) {
    auto& value = reading.*field.member;
    if (value == std::remove_reference_t<decltype(value)>{}) fill(value);
  });
  return reading;
}

}  // namespace rig
