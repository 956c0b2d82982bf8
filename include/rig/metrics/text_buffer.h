// A text that is put together from short pieces. An append to a std::string is a call of its
// library, which costs more than copying the few bytes of a piece does.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace rig {

class TextBuffer {
 public:
  std::string_view text() const { return {begin_.get(), size()}; }
  std::size_t size() const { return size_; }
  // Keeps the first `size` bytes, of at least as many.
  void truncate(std::size_t size) { size_ = size; }

  void append(std::string_view piece) { size_ += piece.copy(room_for(piece.size()), piece.size()); }
  void append(char c) {
    *room_for(1) = c;
    ++size_;
  }
  // Appends what `write` writes to the pointer that it is called with, at most `most` bytes. It
  // returns their end.
  template <typename Write>
  void append_written(std::size_t most, Write write) {
    char* const begin = room_for(most);
    size_ += static_cast<std::size_t>(write(begin) - begin);
  }

 private:
  // The end of the text, behind which `size` bytes are available.
  char* room_for(std::size_t size) {
    if (capacity_ - size_ < size) grow(size);
    return begin_.get() + size_;
  }
  void grow(std::size_t size);

  std::unique_ptr<char[]> begin_;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace rig
