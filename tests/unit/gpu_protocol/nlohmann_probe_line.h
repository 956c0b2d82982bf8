// An independent implementation of the protocol with nlohmann::json, which tests compare with.
#pragma once

#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "gpu_protocol/probe_line_members.h"
#include "rig/kernel/utf8.h"

namespace rig::reference {

using Json = nlohmann::ordered_json;

struct Writer {
  Json& object;

  void operator()(const std::string& name, const std::string& value) const {
    if (!value.empty()) object[name] = valid_utf8(value);
  }
  void operator()(const std::string& name, double value) const {
    if (std::isfinite(value)) object[name] = value;
  }
  template <typename T>
  void operator()(const std::string& name, const std::optional<T>& value) const {
    if (value) (*this)(name, *value);
  }
  template <typename T>
  void operator()(const std::string& name, const std::map<std::string, T>& values) const {
    Json entries = Json::object();
    for (const auto& [key, value] : values) Writer{entries}(valid_utf8(key), value);
    if (!entries.empty()) object[name] = std::move(entries);
  }
  void operator()(const std::string& name, Reason value) const { object[name] = to_string(value); }
  template <typename T>
  void operator()(const std::string& name, const std::vector<T>& values) const {
    if (std::is_same_v<T, Problem> && values.empty()) return;
    Json& entries = object[name] = Json::array();
    for (const auto& value : values) visit_members(value, Writer{entries.emplace_back()});
  }
  void operator()(const std::string& name, const GpuIdentity& value) const {
    Json entry = Json::object();
    visit_members(value, Writer{entry});
    if (!entry.empty()) object[name] = std::move(entry);
  }
};

template <typename T>
bool read(const Json& json, T& value);

inline bool read(const Json& json, std::string& value) {
  if (json.is_string()) value = json.get_ref<const std::string&>();
  return json.is_string();
}

inline bool read(const Json& json, Reason& value) {
  if (json.is_string()) value = parse_reason(json.get_ref<const std::string&>());
  return json.is_string();
}

inline bool read(const Json& json, double& value) {
  if (json.is_number()) value = json.get<double>();
  return json.is_number();
}

template <typename T>
bool read(const Json& json, std::optional<T>& value) {
  return read(json, value.emplace());
}

template <typename T>
bool read(const Json& json, std::map<std::string, T>& values) {
  if (!json.is_object()) return false;
  for (const auto& [key, entry] : json.items()) {
    if (!read(entry, values[key])) return false;
  }
  return true;
}

template <typename T>
bool read(const Json& json, std::vector<T>& values) {
  if (!json.is_array()) return false;
  for (const Json& entry : json) {
    if (!read(entry, values.emplace_back())) return false;
  }
  return true;
}

template <typename T>
bool read(const Json& json, T& value) {
  if constexpr (std::is_same_v<T, Problem>) {
    if (json.is_string()) return read(json, value.detail);
  }
  if (!json.is_object()) return false;
  bool valid = true;
  visit_members(value, [&](const char* name, auto& member) {
    const auto found = json.find(name);
    if (found != json.end() && !read(*found, member)) valid = false;
  });
  if constexpr (requires { value.pci_address; }) valid = valid && !value.pci_address.empty();
  return valid;
}

template <typename T>
std::optional<ProbeLine> parse_as(const Json& json) {
  T value;
  if (!read(json, value)) return std::nullopt;
  return value;
}

inline const char* type_of(const ProbeLine& line) {
  constexpr auto kTypes = std::to_array<const char*>({"probe", "gpus", "processes", "gpu"});
  return kTypes.at(line.index());
}

inline std::string to_json_line(const ProbeLine& line) {
  Json object = Json::object();
  object["type"] = type_of(line);
  std::visit([&](const auto& value) { visit_members(value, Writer{object}); }, line);
  return object.dump();
}

inline std::optional<ProbeLine> parse_probe_line(std::string_view text) {
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return std::nullopt;
  const auto type = json.find("type");
  if (type == json.end()) return std::nullopt;
  if (*type == "probe") return parse_as<ProbeReport>(json);
  if (*type == "gpus") return parse_as<GpuList>(json);
  if (*type == "processes") return parse_as<GpuProcesses>(json);
  if (*type == "gpu") return parse_as<GpuReading>(json);
  return std::nullopt;
}

// What nlohmann::json accepts although it is not JSON: a byte order mark, and anything after a NUL.
inline bool is_accepted_wrongly(std::string_view text) {
  return text.starts_with("\xEF") || text.find('\0') != text.npos;
}

}  // namespace rig::reference
