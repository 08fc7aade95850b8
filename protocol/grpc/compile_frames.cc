#include "protocol/grpc/compile_frames.h"

#include <array>
#include <cstdint>
#include <fmt/format.h>
#include <optional>
#include <string>
#include <utility>
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

/// The field `data` without a value: a real client's compilationInterrupted has it.
constexpr std::array kEmptyData{std::byte{0x12}, std::byte{0x00}};

enum class WireType : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

/// The fields of one protobuf message, one after the other. What is wrong ends it.
class FieldReader {
 public:
  explicit FieldReader(Bytes message, std::size_t offset) : message_(message), offset_(offset) {}

  /// Whether there is one more: then the members below are its.
  bool next() {
    if (position_ == message_.size() || failed_) return false;
    const std::size_t start = position_;
    const std::uint64_t key = varint();
    field = key >> 3U;
    type = static_cast<WireType>(key & 7U);
    number = 0;
    content = {};
    switch (type) {
      case WireType::varint: number = varint(); break;
      case WireType::fixed64: take(8); break;
      case WireType::fixed32: take(4); break;
      case WireType::bytes: take(varint()); break;
      default: failed_ = true;
    }
    whole = message_.subspan(start, position_ - start);
    if (failed_) position_ = start;
    return !failed_;
  }

  /// After next() said that there are no more: whether that is the end.
  bool failed() const { return failed_; }
  NetError error() const {
    return {NetErrc::other, fmt::format("offset {}: no field of a protobuf message", offset_ + position_)};
  }

  std::uint64_t field = 0;
  WireType type = WireType::varint;
  std::uint64_t number = 0;  ///< of a varint
  Bytes content;             ///< of bytes
  Bytes whole;               ///< with its key

 private:
  /// Nearly all are of one byte.
  std::uint64_t varint() {
    if (position_ < message_.size() && message_[position_] < std::byte{0x80})
      return std::to_integer<std::uint64_t>(message_[position_++]);
    std::uint64_t value = 0;
    for (unsigned shift = 0; position_ < message_.size() && shift < 64; shift += 7) {
      const auto byte = std::to_integer<std::uint64_t>(message_[position_++]);
      value |= (byte & 0x7fU) << shift;
      if (byte < 0x80U) return value;
    }
    failed_ = true;
    return 0;
  }

  void take(std::uint64_t size) {
    if (failed_ || size > message_.size() - position_) {
      failed_ = true;
      return;
    }
    content = message_.subspan(position_, static_cast<std::size_t>(size));
    position_ += static_cast<std::size_t>(size);
  }

  Bytes message_;
  std::size_t offset_;
  std::size_t position_ = 0;
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

/// The fields `data` of a message as they are: it may come in pieces.
NetResult<std::optional<std::uint64_t>> addData(std::vector<std::byte>& out, Bytes message,
                                                std::size_t offset) {
  std::optional<std::uint64_t> first;
  FieldReader fields(message, offset);
  while (fields.next()) {
    if (fields.field == kFirstField && fields.type == WireType::varint) first = fields.number;
    if (fields.field == kDataField && fields.type == WireType::bytes)
      out.insert(out.end(), fields.whole.begin(), fields.whole.end());
  }
  if (fields.failed()) return std::unexpected(fields.error());
  return first;
}

Bytes messageOf(Bytes frame) {
  return frame.subspan(kJitaasFrameHeaderSize);
}

void writeSize(std::vector<std::byte>& frame) {
  const std::size_t size = frame.size() - kJitaasFrameHeaderSize;
  for (unsigned index = 0; index < kJitaasFrameHeaderSize; ++index)
    frame[index] = static_cast<std::byte>(size >> (8 * index));
}

/// Whether a compilationCode has a body in it: else it says only why there is none.
NetResult<bool> hasBody(Bytes message) {
  FieldReader fields(message, 0);
  while (fields.next()) {
    if (fields.field != kDataField || fields.type != WireType::bytes) continue;
    FieldReader values(fields.content, 0);
    while (values.next()) {
      if (values.field != kValueOfData || values.type != WireType::bytes) continue;
      FieldReader value(values.content, 0);
      while (value.next()) {
        if (value.type == WireType::bytes) return true;
      }
    }
  }
  if (fields.failed()) return std::unexpected(fields.error());
  return false;
}

NetResult<std::int32_t> typeIn(Bytes message, std::size_t offset) {
  std::uint64_t type = 0;
  FieldReader fields(message, offset);
  while (fields.next()) {
    if (fields.field == kFirstField && fields.type == WireType::varint) type = fields.number;
  }
  if (fields.failed()) return std::unexpected(fields.error());
  return static_cast<std::int32_t>(type);
}

}  // namespace

NetResult<std::int32_t> frameTypeOf(std::span<const std::byte> frame) {
  return typeIn(messageOf(frame), kJitaasFrameHeaderSize);
}

CompileBytes clientMessageOf(std::span<const std::byte> frame, std::int32_t type,
                             std::vector<std::byte>& room) {
  if (type == CompileFrameType::kCompilationInterrupted) return kEmptyData;
  room.clear();
  addNumber(room, kFirstField, 1);
  const auto added = addData(room, messageOf(frame), kJitaasFrameHeaderSize);
  if (!added) return std::unexpected(added.error());
  return room;
}

NetResult<std::int32_t> clientFrameOf(std::span<const std::byte> message, std::int32_t type,
                                      std::uint64_t version, std::vector<std::byte>& frame) {
  frame.resize(kJitaasFrameHeaderSize);
  // As protobuf has it: a negative int32 is ten bytes long.
  addNumber(frame, kFirstField, static_cast<std::uint64_t>(std::int64_t{type}));
  const auto status = addData(frame, message, 0);
  if (!status) return std::unexpected(status.error());
  const bool goes_on = status->value_or(0) != 0;
  if (goes_on) {
    addNumber(frame, kVersionField, version);
  } else {
    frame.resize(kJitaasFrameHeaderSize);
    addNumber(frame, kFirstField, CompileFrameType::kCompilationInterrupted);
    frame.insert(frame.end(), kEmptyData.begin(), kEmptyData.end());
  }
  writeSize(frame);
  return goes_on ? type : CompileFrameType::kCompilationInterrupted;
}

CompileBytes serverMessageOf(std::span<const std::byte> frame, std::int32_t type,
                             std::vector<std::byte>& room) {
  if (type != CompileFrameType::kCompilationFailure) return messageOf(frame);
  room.clear();
  if (const auto added = addData(room, messageOf(frame), kJitaasFrameHeaderSize); !added)
    return std::unexpected(added.error());
  return room;
}

NetResult<std::int32_t> serverFrameOf(std::span<const std::byte> message, std::vector<std::byte>& frame) {
  const auto type = typeIn(message, 0);
  if (!type) return type;
  bool is_failure = false;
  if (*type == CompileFrameType::kCompilationCode) {
    const auto has_body = hasBody(message);
    if (!has_body) return std::unexpected(has_body.error());
    is_failure = !*has_body;
  }
  frame.resize(kJitaasFrameHeaderSize);
  if (is_failure) {
    addNumber(frame, kFirstField, CompileFrameType::kCompilationFailure);
    if (const auto added = addData(frame, message, 0); !added) return std::unexpected(added.error());
  } else {
    frame.insert(frame.end(), message.begin(), message.end());
  }
  writeSize(frame);
  return is_failure ? CompileFrameType::kCompilationFailure : *type;
}

}  // namespace jitrig
