// Writes JSON (RFC 8259) without whitespace to the end of a text.
#pragma once

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
  void separate();

  std::string& text_;
};

}  // namespace rig
