// Reads one JSON text (RFC 8259) from its beginning to its end, value by value.
//
// A text that is not valid JSON, or has a number that no double can hold, ends the reading:
// is_valid() is false, and there are no further values, members and elements. Nothing recurses,
// whatever the depth of the text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace rig {

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : rest_(text) {}

  // Each reads the next value. A value of another type is skipped.
  std::optional<std::string_view> string();  // valid until the next call of any function
  std::optional<double> number();
  bool enter_object();  // read all its members next, each followed by its value
  bool enter_array();   // read all its elements next

  // The name of the next member, valid until the next call of any function. Absent after the last.
  std::optional<std::string_view> next_member();
  bool next_element();  // false after the last

  // Skips the next value, of any type.
  void skip();

  bool at_string();  // the next value is a string

  bool is_valid() const { return valid_; }
  // Nothing but whitespace is left.
  bool at_end();

 private:
  char next();  // the next character that is not whitespace; 0 at the end
  bool take(char expected);
  bool another(char closing);
  void fail();
  std::string_view read_string();
  std::string_view read_string_with_escapes();
  void read_escape();
  unsigned read_code_unit();
  double read_number();
  std::size_t skip_digits(std::size_t position);
  void read_literal();

  std::string_view rest_;  // not read yet
  bool valid_ = true;
  bool first_ = false;     // no member or element of the innermost object or array was read
  std::string unescaped_;  // the latest string with escapes
};

}  // namespace rig
