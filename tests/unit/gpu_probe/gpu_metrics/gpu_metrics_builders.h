// Build gpu_metrics tables from numbers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

inline constexpr std::uint64_t kNone16 = 0xFFFF;
inline constexpr std::uint64_t kNone32 = 0xFFFFFFFF;
inline constexpr std::uint64_t kNone64 = 0xFFFFFFFFFFFFFFFF;

// A table with the layout of the kernel's struct: each number is aligned to its own width, the end
// to the widest.
class Table {
 public:
  Table(unsigned format, unsigned content) {
    u16({0});
    u8({format, content});
  }

  Table& u8(std::initializer_list<std::uint64_t> numbers) { return put(1, numbers); }
  Table& u16(std::initializer_list<std::uint64_t> numbers) { return put(2, numbers); }
  Table& u32(std::initializer_list<std::uint64_t> numbers) { return put(4, numbers); }
  Table& u64(std::initializer_list<std::uint64_t> numbers) { return put(8, numbers); }
  // Numbers that are not read.
  Table& other16(std::size_t count) { return put(2, std::vector<std::uint64_t>(count, 60001)); }
  Table& other32(std::size_t count) { return put(4, std::vector<std::uint64_t>(count, 600001)); }
  Table& other64(std::size_t count) { return put(8, std::vector<std::uint64_t>(count, 600001)); }

  Table& nested() { return put(8, std::vector<std::uint64_t>()); }  // a struct begins

  std::string bytes() const {
    std::string whole = bytes_;
    whole.resize((whole.size() + 7) / 8 * 8, '\xFF');
    whole[0] = static_cast<char>(whole.size() & 0xFF);
    whole[1] = static_cast<char>(whole.size() >> 8);
    return whole;
  }

 private:
  template <typename Numbers>
  Table& put(std::size_t width, const Numbers& numbers) {
    bytes_.resize((bytes_.size() + width - 1) / width * width, '\xFF');
    for (auto number : numbers) {
      for (std::size_t i = 0; i < width; ++i, number >>= 8) {
        bytes_ += static_cast<char>(number & 0xFF);
      }
    }
    return *this;
  }

  std::string bytes_;
};

// Version 1.9, and 1.1 of xcp_metrics: each encoding is followed by its numbers, without padding.
class Attributes {
 public:
  enum Type { kU8, kS8, kU16, kS16, kU32, kS32, kU64, kS64 };
  enum Unit { kNone, kMegahertz, kCelsius, kWatts, kBandwidth = 8, kKibibytes, kPercent };
  static constexpr unsigned kTenths = 7;

  Attributes& add(unsigned id, unsigned unit, unsigned type, std::vector<std::uint64_t> numbers) {
    put(8, std::uint64_t{unit} << 24 | type << 20 | id << 10 | numbers.size());
    for (const auto number : numbers) put(std::size_t{1} << type / 2, number);
    ++count_;
    return *this;
  }

  // Bytes that are not an attribute.
  Attributes& raw(std::uint64_t number) {
    put(8, number);
    ++count_;
    return *this;
  }

  std::string bytes(char content = 9) const {
    const auto size = 8 + bytes_.size();
    return std::string{static_cast<char>(size & 0xFF),
                       static_cast<char>(size >> 8),
                       1,
                       content,
                       static_cast<char>(count_),
                       0,
                       0,
                       0} +
           bytes_;
  }

 private:
  void put(std::size_t width, std::uint64_t number) {
    for (std::size_t i = 0; i < width; ++i, number >>= 8) bytes_ += static_cast<char>(number & 255);
  }

  std::string bytes_;
  unsigned count_ = 0;
};
