#include "rig/gpu_protocol/probe_line.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "rig/gpu_protocol/gpu_fields.h"

namespace rig {
namespace {

using Json = nlohmann::ordered_json;

// Lists the members, for both writing and parsing.
template <typename Self, typename Visitor>
void visit_members(Self& self, Visitor&& member) {
  using T = std::remove_const_t<Self>;
  if constexpr (std::is_same_v<T, ProbeReport>) {
    member("version", self.version);
    member("source", self.source);
    member("rocm_smi_version", self.rocm_smi_version);
    member("reason", self.reason);
    member("interval_seconds", self.interval_seconds);
    member("driver_version", self.driver_version);
  } else if constexpr (std::is_same_v<T, GpuPresence>) {
    member("pci_address", self.pci_address);
    member("waiting_seconds", self.waiting_seconds);
  } else if constexpr (std::is_same_v<T, GpuList>) {
    member("gpus", self.gpus);
    member("processes_waiting_seconds", self.processes_waiting_seconds);
  } else if constexpr (std::is_same_v<T, GpuProcesses>) {
    member("processes", self.processes);
    member("counts", self.counts);
  } else if constexpr (std::is_same_v<T, GpuProcess>) {
    member("pci_address", self.pci_address);
    member("pid", self.pid);
    member("command", self.command);
    member("unit", self.unit);
    member("container", self.container);
    member("pod", self.pod);
    member("slurm_job", self.slurm_job);
    member("memory_bytes", self.memory_bytes);
    member("sdma_seconds", self.sdma_seconds);
    member("compute_units", self.compute_units);
    member("evicted_seconds", self.evicted_seconds);
    member("page_faults", self.page_faults);
    member("migrated_bytes", self.migrated_bytes);
  } else if constexpr (std::is_same_v<T, Problem>) {
    member("reason", self.reason);
    member("path", self.path);
    member("detail", self.detail);
  } else if constexpr (std::is_same_v<T, GpuIdentity>) {
    member("name", self.name);
    member("unique_id", self.unique_id);
    member("serial", self.serial);
    member("device_id", self.device_id);
    member("revision", self.revision);
    member("subsystem_id", self.subsystem_id);
    member("vbios_version", self.vbios_version);
    member("memory_vendor", self.memory_vendor);
    member("card", self.card);
    member("render", self.render);
  } else {
    static_assert(std::is_same_v<T, GpuReading>);
    member("pci_address", self.pci_address);
    member("identity", self.identity);
    for_each_gpu_field([&](const auto& field) { member(field.name, self.*field.member); });
    member("took_seconds", self.took_seconds);
    member("read_errors", self.read_errors);
    member("problems", self.problems);
  }
}

constexpr const char* type_name(const ProbeReport& /*unused*/) { return "probe"; }
constexpr const char* type_name(const GpuList& /*unused*/) { return "gpus"; }
constexpr const char* type_name(const GpuProcesses& /*unused*/) { return "processes"; }
constexpr const char* type_name(const GpuReading& /*unused*/) { return "gpu"; }

// Adds a member to a JSON object, unless it is unknown or empty.
struct Writer {
  Json& object;

  void operator()(const char* name, const std::string& value) const {
    if (!value.empty()) object[name] = value;
  }
  void operator()(const char* name, double value) const {
    if (std::isfinite(value)) object[name] = value;
  }
  template <typename T>
  void operator()(const char* name, const std::optional<T>& value) const {
    if (value) (*this)(name, *value);
  }
  template <typename T>
  void operator()(const char* name, const std::map<std::string, T>& values) const {
    Json entries = Json::object();
    for (const auto& [key, value] : values) Writer{entries}(key.c_str(), value);
    if (!entries.empty()) object[name] = std::move(entries);
  }
  void operator()(const char* name, Reason value) const { object[name] = to_string(value); }
  template <typename T>
  void operator()(const char* name, const std::vector<T>& values) const {
    if (std::is_same_v<T, Problem> && values.empty()) return;
    Json& entries = object[name] = Json::array();
    for (const auto& value : values) visit_members(value, Writer{entries.emplace_back()});
  }
  void operator()(const char* name, const GpuIdentity& value) const {
    Json entry = Json::object();
    visit_members(value, Writer{entry});
    if (!entry.empty()) object[name] = std::move(entry);
  }
};

// Each read_value() returns false if the JSON value is not of the member's type.
template <typename T>
bool read_value(const Json& json, T& value);

bool read_value(const Json& json, std::string& value) {
  if (json.is_string()) value = json.get_ref<const std::string&>();
  return json.is_string();
}

bool read_value(const Json& json, Reason& value) {
  if (json.is_string()) value = parse_reason(json.get_ref<const std::string&>());
  return json.is_string();
}

bool read_value(const Json& json, double& value) {
  if (json.is_number()) value = json.get<double>();
  return json.is_number();
}

template <typename T>
bool read_value(const Json& json, std::optional<T>& value) {
  return read_value(json, value.emplace());
}

template <typename T>
bool read_value(const Json& json, std::map<std::string, T>& values) {
  if (!json.is_object()) return false;
  for (const auto& [key, entry] : json.items()) {
    if (!read_value(entry, values[key])) return false;
  }
  return true;
}

template <typename T>
bool read_value(const Json& json, std::vector<T>& values) {
  if (!json.is_array()) return false;
  for (const Json& entry : json) {
    if (!read_value(entry, values.emplace_back())) return false;
  }
  return true;
}

// A struct: sets the members that the object has.
template <typename T>
bool read_value(const Json& json, T& value) {
  if constexpr (std::is_same_v<T, Problem>) {  // plain text in recordings of rig_gpu_probe 0.1
    if (json.is_string()) return read_value(json, value.detail);
  }
  if (!json.is_object()) return false;
  bool valid = true;
  visit_members(value, [&](const char* name, auto& member) {
    const auto found = json.find(name);
    if (found != json.end() && !read_value(*found, member)) valid = false;
  });
  if constexpr (std::is_same_v<T, GpuPresence> || std::is_same_v<T, GpuReading> ||
                std::is_same_v<T, GpuProcess>) {
    valid = valid && !value.pci_address.empty();
  }
  return valid;
}

template <typename T>
std::optional<ProbeLine> parse_as(const Json& json) {
  T value;
  if (!read_value(json, value)) return std::nullopt;
  return value;
}

}  // namespace

std::string to_json_line(const ProbeLine& line) {
  Json object = Json::object();
  std::visit(
      [&](const auto& value) {
        object["type"] = type_name(value);
        visit_members(value, Writer{object});
      },
      line);
  // Kernel text may contain any bytes: invalid UTF-8 becomes U+FFFD.
  return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<ProbeLine> parse_probe_line(std::string_view text) {
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

}  // namespace rig
