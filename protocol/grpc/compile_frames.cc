#include "protocol/grpc/compile_frames.h"

#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <vector>

#include "protocol/jitaas/protobuf_validation.h"

namespace jitrig {
namespace {

using Bytes = std::span<const std::byte>;

// The field numbers of compile.proto and compile_service.proto.
constexpr std::uint64_t kFirstField = 1;  // type, or a client's status
constexpr std::uint64_t kDataField = 2;
constexpr std::uint64_t kVersionField = 3;
constexpr std::uint64_t kValueOfData = 1;  // AnyData.data
constexpr std::uint64_t kTagOfValue = 1;   // Any.extendedTypeTag; behind it, and up to vector_v, the contents
constexpr std::uint64_t kBytesOfValue = 6;
constexpr std::uint64_t kVectorOfValue = 8;

/// Of any message.
constexpr std::uint64_t kHighestField = (1U << 29U) - 1;

/// The field `data` without a value: a real client's compilationInterrupted has it.
constexpr std::array kEmptyData{std::byte{0x12}, std::byte{0x00}};

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// The fields of one protobuf message, one after the other. What is wrong ends it.
class FieldReader {
 public:
  explicit FieldReader(Bytes message)
      : begin_(message.data()), position_(begin_), end_(begin_ + message.size()) {}

  /// Whether there is one more: then the members below are its.
  bool next() {
    if (position_ == end_ || failed_) return false;
    const std::byte* const start = position_;
    failed_ = !read();
    whole = {start, position_};
    if (failed_) position_ = start;
    return !failed_;
  }

  /// After next() said that there are no more: whether that is the end.
  bool failed() const { return failed_; }
  /// `before`: how much of what an offset counts stands before the message.
  NetError error(std::size_t before) const {
    const auto offset = before + static_cast<std::size_t>(position_ - begin_);
    return {NetErrc::other, fmt::format("offset {}: no field of a protobuf message", offset)};
  }

  std::uint64_t field = 0;
  WireType type = WireType::varint;
  std::uint64_t number = 0;  ///< of a varint; how long the content of bytes is
  Bytes content;             ///< of all others
  Bytes whole;               ///< with its key

 private:
  bool read() {
    std::uint64_t key = 0;
    if (!keyOrLength(key)) return false;
    field = key >> 3U;
    type = static_cast<WireType>(key & 7U);
    if (field == 0 || field > kHighestField) return false;
    switch (type) {
      case WireType::varint: return varint(number);
      case WireType::bytes: return keyOrLength(number) && take(number);
      case WireType::fixed64: return take(8);
      case WireType::fixed32: return take(4);
    }
    return false;
  }

  /// Protobuf reads no more than five bytes of them.
  bool keyOrLength(std::uint64_t& value) {
    const std::byte* const start = position_;
    return varint(value) && position_ - start <= 5;
  }

  /// Nearly all are of one byte.
  bool varint(std::uint64_t& value) {
    if (position_ != end_ && *position_ < std::byte{0x80}) {
      value = std::to_integer<std::uint64_t>(*position_++);
      return true;
    }
    return longVarint(value);
  }

  bool longVarint(std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; position_ != end_ && shift < 64; shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(*position_++);
      value |= (byte & 0x7fU) << shift;
      if (byte < 0x80U) return true;
    }
    return false;
  }

  bool take(std::uint64_t size) {
    if (size > static_cast<std::size_t>(end_ - position_)) return false;
    content = {position_, static_cast<std::size_t>(size)};
    position_ += size;
    return true;
  }

  const std::byte* const begin_;
  const std::byte* position_;
  const std::byte* const end_;
  bool failed_ = false;
};

void addVarint(std::vector<std::byte>& out, std::uint64_t value) {
  while (value >= 0x80U) {
    out.push_back(static_cast<std::byte>(value | 0x80U));
    value >>= 7U;
  }
  out.push_back(static_cast<std::byte>(value));
}

/// Zero is left out, as by protobuf.
void addNumber(std::vector<std::byte>& out, std::uint64_t field, std::uint64_t value) {
  if (value == 0) return;
  addVarint(out, field << 3U | static_cast<std::uint64_t>(WireType::varint));
  addVarint(out, value);
}

/// What a message of either side says in its first field, and where its values are.
struct MessageParts {
  std::uint64_t first = 0;
  Bytes data;
  std::size_t data_fields = 0;
};

NetResult<MessageParts> partsOf(Bytes message, std::size_t before) {
  MessageParts parts;
  FieldReader fields(message);
  while (fields.next()) {
    if (fields.field == kFirstField && fields.type == WireType::varint) parts.first = fields.number;
    if (fields.field != kDataField || fields.type != WireType::bytes) continue;
    parts.data = fields.whole;
    ++parts.data_fields;
  }
  if (fields.failed()) return std::unexpected(fields.error(before));
  return parts;
}

void append(std::vector<std::byte>& out, Bytes bytes) {
  out.insert(out.end(), bytes.begin(), bytes.end());
}

/// The fields `data` of a message as they are: so many, the last of which is this one.
void addData(std::vector<std::byte>& out, Bytes message, Bytes data, std::size_t data_fields) {
  if (data_fields <= 1) return append(out, data);
  FieldReader fields(message);
  while (fields.next()) {
    if (fields.field == kDataField && fields.type == WireType::bytes) append(out, fields.whole);
  }
}

void writeSize(std::vector<std::byte>& frame) {
  const std::size_t size = frame.size() - kJitaasFrameHeaderSize;
  for (unsigned index = 0; index < kJitaasFrameHeaderSize; ++index)
    frame[index] = static_cast<std::byte>(size >> (8 * index));
}

/// Whether it is a string or a container. Of several contents the last one counts.
bool isBody(Bytes value) {
  bool is_body = false;
  FieldReader fields(value);
  while (fields.next()) {
    const bool is_bytes = fields.field == kBytesOfValue || fields.field == kVectorOfValue;
    if (is_bytes && fields.type == WireType::bytes) is_body = true;
    if (!is_bytes && fields.type == WireType::varint && fields.field > kTagOfValue &&
        fields.field < kVectorOfValue)
      is_body = false;
  }
  return is_body;
}

/// Whether a compilationCode has a body in it: else it says only why there is none.
bool hasBody(Bytes message) {
  FieldReader fields(message);
  while (fields.next()) {
    if (fields.field != kDataField || fields.type != WireType::bytes) continue;
    FieldReader values(fields.content);
    while (values.next()) {
      if (values.field == kValueOfData && values.type == WireType::bytes && isBody(values.content))
        return true;
    }
  }
  return false;
}

}  // namespace

NetResult<CompileFrame> readCompileFrame(std::span<const std::byte> frame) {
  const Bytes message = frame.subspan(kJitaasFrameHeaderSize);
  const auto parts = partsOf(message, kJitaasFrameHeaderSize);
  if (!parts) return std::unexpected(parts.error());
  return CompileFrame{static_cast<std::int32_t>(parts->first), message, parts->data, parts->data_fields};
}

std::span<const std::byte> clientMessageOf(const CompileFrame& frame, std::vector<std::byte>& room) {
  if (frame.type == CompileFrameType::kCompilationInterrupted) return kEmptyData;
  room.clear();
  addNumber(room, kFirstField, 1);
  addData(room, frame.message, frame.data, frame.data_fields);
  return room;
}

NetResult<std::int32_t> clientFrameOf(std::span<const std::byte> message, std::int32_t type,
                                      std::uint64_t version, std::vector<std::byte>& frame) {
  const auto parts = partsOf(message, 0);
  if (!parts) return std::unexpected(parts.error());
  const bool goes_on = parts->first != 0;
  frame.resize(kJitaasFrameHeaderSize);
  if (goes_on) {
    // As protobuf has it: a negative int32 is ten bytes long.
    addNumber(frame, kFirstField, static_cast<std::uint64_t>(std::int64_t{type}));
    addData(frame, message, parts->data, parts->data_fields);
    addNumber(frame, kVersionField, version);
  } else {
    addNumber(frame, kFirstField, CompileFrameType::kCompilationInterrupted);
    append(frame, kEmptyData);
  }
  writeSize(frame);
  return goes_on ? type : CompileFrameType::kCompilationInterrupted;
}

std::span<const std::byte> serverMessageOf(const CompileFrame& frame, std::vector<std::byte>& room) {
  if (frame.type != CompileFrameType::kCompilationFailure) return frame.message;
  room.clear();
  addData(room, frame.message, frame.data, frame.data_fields);
  return room;
}

NetResult<std::int32_t> serverFrameOf(std::span<const std::byte> message, std::vector<std::byte>& frame) {
  const auto parts = partsOf(message, 0);
  if (!parts) return std::unexpected(parts.error());
  const auto type = static_cast<std::int32_t>(parts->first);
  const bool is_failure = type == CompileFrameType::kCompilationCode && !hasBody(message);
  frame.resize(kJitaasFrameHeaderSize);
  if (is_failure) {
    addNumber(frame, kFirstField, CompileFrameType::kCompilationFailure);
    addData(frame, message, parts->data, parts->data_fields);
  } else {
    append(frame, message);
  }
  writeSize(frame);
  return is_failure ? CompileFrameType::kCompilationFailure : type;
}

}  // namespace jitrig
