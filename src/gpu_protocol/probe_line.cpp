#include "rig/gpu_protocol/probe_line.h"

#include <cmath>
#include <set>
#include <type_traits>

#include "gpu_protocol/json_reader.h"
#include "gpu_protocol/json_writer.h"
#include "gpu_protocol/probe_line_members.h"

namespace rig {
namespace {

constexpr const char* type_name(const ProbeReport& /*unused*/) { return "probe"; }
constexpr const char* type_name(const GpuList& /*unused*/) { return "gpus"; }
constexpr const char* type_name(const GpuProcesses& /*unused*/) { return "processes"; }
constexpr const char* type_name(const GpuReading& /*unused*/) { return "gpu"; }

// A line's value and its type, which is a member as well.
template <typename T>
struct TypedValue {
  std::string type;
  T& value;
};

template <typename T, typename Visitor>
void visit_members(TypedValue<T>& self, Visitor&& member) {
  member("type", self.type);
  visit_members(self.value, member);
}

// Writes a member of an object, unless it is unknown or empty.
class MemberWriter {
 public:
  explicit MemberWriter(std::string& text) : json_(text) {}

  // The text must be empty.
  template <typename T>
  void write_line(const T& line) {
    json_.begin_object();
    json_.name("type");
    json_.string(type_name(line));
    visit_members(line, *this);
    json_.end_object();
  }

  void operator()(std::string_view name, const std::string& value) {
    if (!value.empty()) write_string(name, value);
  }
  void operator()(std::string_view name, double value) {
    if (!std::isfinite(value)) return;
    json_.name(name);
    json_.number(value);
  }
  template <typename T>
  void operator()(std::string_view name, const std::optional<T>& value) {
    if (value) (*this)(name, *value);
  }
  template <typename T>
  void operator()(std::string_view name, const std::map<std::string, T>& values) {
    if (values.empty()) return;
    write_unless_empty(name, [&] {
      for (const auto& [key, value] : values) (*this)(key, value);
    });
  }
  void operator()(std::string_view name, Reason value) { write_string(name, to_string(value)); }
  template <typename T>
  void operator()(std::string_view name, const std::vector<T>& values) {
    if (std::is_same_v<T, Problem> && values.empty()) return;
    json_.name(name);
    json_.begin_array();
    for (const auto& value : values) {
      json_.begin_object();
      visit_members(value, *this);
      json_.end_object();
    }
    json_.end_array();
  }
  void operator()(std::string_view name, const GpuIdentity& value) {
    write_unless_empty(name, [&] { visit_members(value, *this); });
  }

 private:
  void write_string(std::string_view name, std::string_view value) {
    json_.name(name);
    json_.string(value);
  }

  template <typename WriteMembers>
  void write_unless_empty(std::string_view name, const WriteMembers& write_members) {
    const auto before = json_.size();
    json_.name(name);
    json_.begin_object();
    const auto begin = json_.size();
    write_members();
    if (json_.size() == begin) {
      json_.back_to(before);
    } else {
      json_.end_object();
    }
  }

  JsonWriter json_;
};

// Of several members with one name the last one counts, whatever the others are.
class WrongMembers {
 public:
  void note(std::string_view name, bool right_type) {
    if (!right_type) {
      wrong_.emplace(name);
    } else if (!wrong_.empty()) {
      wrong_.erase(std::string(name));
    }
  }
  bool none() const { return wrong_.empty(); }

 private:
  std::set<std::string> wrong_;
};

// Each read_value() reads the next value; returns false if it is not of the member's type.
template <typename T>
bool read_value(JsonReader& json, T& value);

bool read_value(JsonReader& json, std::string& value) {
  const auto text = json.string();
  if (text) value = *text;
  return text.has_value();
}

bool read_value(JsonReader& json, Reason& value) {
  const auto text = json.string();
  if (text) value = parse_reason(*text);
  return text.has_value();
}

bool read_value(JsonReader& json, double& value) {
  const auto number = json.number();
  if (number) value = *number;
  return number.has_value();
}

template <typename T>
bool read_value(JsonReader& json, std::optional<T>& value) {
  return read_value(json, value.emplace());
}

template <typename T>
bool read_value(JsonReader& json, std::map<std::string, T>& values) {
  values.clear();
  if (!json.enter_object()) return false;
  WrongMembers wrong;
  while (const auto name = json.next_member()) {
    const std::string key(*name);
    wrong.note(key, read_value(json, values[key]));
  }
  return wrong.none();
}

template <typename T>
bool read_value(JsonReader& json, std::vector<T>& values) {
  values.clear();
  if (!json.enter_array()) return false;
  bool valid = true;
  while (json.next_element()) valid = read_value(json, values.emplace_back()) && valid;
  return valid;
}

template <typename T>
bool has_address(const T& value) {
  if constexpr (requires { value.pci_address; }) return !value.pci_address.empty();
  return true;
}

template <typename T>
bool has_address(const TypedValue<T>& typed) {
  return has_address(typed.value);
}

// Reads those members of the object that the struct has, and skips the others. They are usually in
// the order of the struct, so that each is found after the previous one.
template <typename T>
bool read_members(JsonReader& json, T& value) {
  WrongMembers wrong;
  auto name = json.next_member();
  while (name) {
    bool found = false;
    visit_members(value, [&](std::string_view known, auto& member) {
      while (name == known) {
        found = true;
        wrong.note(known, read_value(json, member));
        name = json.next_member();
      }
    });
    if (found) continue;
    json.skip();
    name = json.next_member();
  }
  return wrong.none() && has_address(value);
}

// A struct.
template <typename T>
bool read_value(JsonReader& json, T& value) {
  value = {};
  if constexpr (std::is_same_v<T, Problem>) {  // plain text in recordings of rig_gpu_probe 0.1
    if (json.at_string()) return read_value(json, value.detail);
  }
  return json.enter_object() && read_members(json, value);
}

template <typename T>
std::optional<ProbeLine> parse_as(std::string_view text) {
  std::optional<ProbeLine> line(std::in_place, std::in_place_type<T>);
  T& value = std::get<T>(*line);
  TypedValue<T> typed{{}, value};
  JsonReader json(text);
  if (!json.enter_object() || !read_members(json, typed) || !json.is_valid() || !json.at_end() ||
      typed.type != type_name(value)) {
    line.reset();
  }
  return line;
}

std::optional<ProbeLine> parse_as(std::string_view type, std::string_view text) {
  if (type == "probe") return parse_as<ProbeReport>(text);
  if (type == "gpus") return parse_as<GpuList>(text);
  if (type == "processes") return parse_as<GpuProcesses>(text);
  if (type == "gpu") return parse_as<GpuReading>(text);
  return std::nullopt;
}

// Both return the type of a line, empty if it has none.
std::string type_in_first_member(std::string_view text) {
  JsonReader json(text);
  const bool first = json.enter_object() && json.next_member() == "type";
  return std::string(first ? json.string().value_or("") : "");
}

std::string type_in_last_place(std::string_view text) {
  JsonReader json(text);
  std::string type;
  if (!json.enter_object()) return type;
  while (const auto name = json.next_member()) {
    if (name == "type") {
      type = json.string().value_or("");
    } else {
      json.skip();
    }
  }
  return type;
}

}  // namespace

std::string to_json_line(const ProbeLine& line) {
  std::string text;
  std::visit([&](const auto& value) { write_json_line(text, value); }, line);
  return text;
}

void write_json_line(std::string& text, const ProbeReport& report) {
  text.clear();
  MemberWriter(text).write_line(report);
}

void write_json_line(std::string& text, const GpuList& list) {
  text.clear();
  MemberWriter(text).write_line(list);
}

void write_json_line(std::string& text, const GpuProcesses& processes) {
  text.clear();
  MemberWriter(text).write_line(processes);
}

void write_json_line(std::string& text, const GpuReading& reading) {
  text.clear();
  MemberWriter(text).write_line(reading);
}

std::optional<ProbeLine> parse_probe_line(std::string_view text) {
  // rig_gpu_probe writes the type first, and once.
  if (auto line = parse_as(type_in_first_member(text), text)) return line;
  return parse_as(type_in_last_place(text), text);
}

}  // namespace rig
