// Writes JSON (RFC 8259) without whitespace to the end of a text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rig {

class JsonWriter {
 public:
  explicit JsonWriter(std::string& text) : text_(text) {}

  void begin_object() { begin('{'); }
  void end_object() { text_ += '}'; }
  void begin_array() { begin('['); }
  void end_array() { text_ += ']'; }

  // The name of a member, whose value is written next.
  void name(std::string_view name);

  // Kernel text may contain any bytes: invalid UTF-8 becomes U+FFFD.
  void string(std::string_view value);

  // A finite number, in the fewest digits that identify it. It always has a fraction or an
  // exponent.
  void number(double value);

  // For values of which only the content shows whether they are left out: removes what was written
  // since the text had this size.
  std::string::size_type size() const { return text_.size(); }
  void back_to(std::string::size_type size) { text_.resize(size); }

 private:
  void begin(char bracket);
  void quoted(std::string_view value, bool is_name);
  void append_long(std::string_view value);
  void append(const char* begin, const char* end) {
    text_.append(begin, static_cast<std::size_t>(end - begin));
  }
  // Unless the next value is the first one, the first of an object or array, or follows its name.
  // The last character shows it: that of a value is a digit, a quote or a closing bracket.
  bool needs_comma() const {
    return !text_.empty() && text_.back() != '{' && text_.back() != '[' && text_.back() != ':';
  }

  std::string& text_;
};

}  // namespace rig
