// The body of a response.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace rig {

// Copies share one text, which does not change: that of a scrape is in memory once, however many
// clients receive it. Thread-safe.
class HttpBody {
 public:
  HttpBody() = default;
  HttpBody(std::string text)  // NOLINT(google-explicit-constructor): as a string
      : text_(std::make_shared<const std::string>(std::move(text))) {}
  HttpBody(std::string_view text) : HttpBody(std::string(text)) {}  // NOLINT
  HttpBody(const char* text) : HttpBody(std::string(text)) {}       // NOLINT

  std::string_view text() const { return text_ ? std::string_view(*text_) : std::string_view(); }
  std::size_t size() const { return text().size(); }

 private:
  std::shared_ptr<const std::string> text_;  // null: empty
};

}  // namespace rig
