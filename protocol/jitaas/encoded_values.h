#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace jitrig::jitaas_detail {

/// The keys of compile.proto's fields: number << 3 | wire type.
struct FieldKey {
  static constexpr std::uint8_t kValue = 0x0a;  ///< AnyData.data
  static constexpr std::uint8_t kTag = 0x08;    ///< Any.extendedTypeTag, and the members of Any:
  static constexpr std::uint8_t kUint64 = 0x10;
  static constexpr std::uint8_t kUint32 = 0x18;
  static constexpr std::uint8_t kInt64 = 0x20;
  static constexpr std::uint8_t kInt32 = 0x28;
  static constexpr std::uint8_t kBytes = 0x32;
  static constexpr std::uint8_t kBool = 0x38;
  static constexpr std::uint8_t kVector = 0x42;
};

constexpr std::size_t varintSize(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1U)) + 6) / 7;
}

/// Of a field of bytes, key and length included.
constexpr std::size_t lengthFieldSize(std::size_t size_bytes) {
  return 1 + varintSize(size_bytes) + size_bytes;
}

/// Writes values as protobuf would, into room that was made for them.
class EncodedWriter {
 public:
  explicit EncodedWriter(std::byte* room) : position_(room) {}

  void varint(std::uint64_t value) {
    while (value >= 0x80U) {
      *position_++ = static_cast<std::byte>(value | 0x80U);
      value >>= 7U;
    }
    *position_++ = static_cast<std::byte>(value);
  }
  void number(std::uint8_t key, std::uint64_t value) {
    *position_++ = std::byte{key};
    varint(value);
  }
  void bytes(std::uint8_t key, std::span<const std::byte> content) {
    number(key, content.size());
    if (!content.empty()) std::memcpy(position_, content.data(), content.size());
    position_ += content.size();
  }
  /// For whoever writes the content of a field there, whose key and length are written.
  std::byte* take(std::size_t size_bytes) {
    std::byte* const content = position_;
    position_ += size_bytes;
    return content;
  }

 private:
  std::byte* position_;
};

/// Reads values as protobuf writes them. Whatever is otherwise is false: it may be allowed all the same, or
/// what is wrong has yet to be said.
class EncodedReader {
 public:
  explicit EncodedReader(std::span<const std::byte> values)
      : position_(values.data()), end_(values.data() + values.size()) {}

  bool atEnd() const { return position_ == end_; }
  bool isNext(std::uint8_t key) const { return !atEnd() && *position_ == std::byte{key}; }

  bool number(std::uint8_t key, std::uint64_t& value) {
    if (!isNext(key)) return false;
    ++position_;
    return varint(value);
  }
  bool bytes(std::uint8_t key, std::string_view& content) {
    std::uint64_t size = 0;
    if (!number(key, size) || size > left()) return false;
    content = {reinterpret_cast<const char*>(position_), static_cast<std::size_t>(size)};
    position_ += size;
    return true;
  }
  /// What is in a field of values or of a value: `read` must come to its end.
  template <class Read>
  bool within(std::uint8_t key, Read read) {
    std::uint64_t size = 0;
    if (!number(key, size) || size > left()) return false;
    const std::byte* const outer_end = end_;
    end_ = position_ + size;
    const bool well = read() && atEnd();
    end_ = outer_end;
    return well;
  }
  /// How many fields of values follow.
  std::size_t count() const {
    EncodedReader ahead(*this);
    std::string_view ignored;
    std::size_t count = 0;
    while (ahead.bytes(FieldKey::kValue, ignored)) ++count;
    return count;
  }

 private:
  std::size_t left() const { return static_cast<std::size_t>(end_ - position_); }

  bool varint(std::uint64_t& value) {
    if (atEnd()) return false;
    value = std::to_integer<std::uint64_t>(*position_++);
    if (value < 0x80U) return true;
    value &= 0x7fU;
    for (unsigned shift = 7; position_ != end_ && shift < 64; shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(*position_++);
      value |= (byte & 0x7fU) << shift;
      if (byte < 0x80U) return true;
    }
    return false;
  }

  const std::byte* position_;
  const std::byte* end_;
};

}  // namespace jitrig::jitaas_detail
