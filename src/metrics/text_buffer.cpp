#include "rig/metrics/text_buffer.h"

#include <algorithm>
#include <utility>

namespace rig {

void TextBuffer::grow(std::size_t size) {
  constexpr std::size_t kFirstCapacity = 512;
  const std::size_t capacity = std::max({kFirstCapacity, 2 * capacity_, size_ + size});
  auto grown = std::make_unique_for_overwrite<char[]>(capacity);
  std::copy_n(begin_.get(), size_, grown.get());
  begin_ = std::move(grown);
  capacity_ = capacity;
}

}  // namespace rig
