#include "protocol/jitaas/jitaas_format.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <limits>

#include "protocol/jitaas/frame_values.h"
#include "protocol/jitaas/jitaas_message.h"
#include "protocol/jitaas/protobuf_validation.h"
#include "protocol/wire/message_validation.h"

namespace jitrig {
namespace {

/// A size, field 1, and as many bytes as a 16-bit number takes.
constexpr std::size_t kHeaderSizeWithType = kJitaasFrameHeaderSize + 1 + 3;
constexpr std::byte kTypeField{0x08};

/// The version of a client's message, of which protocol/wire has two words.
constexpr unsigned kConfigurationShift = 32;

std::uint64_t versionOf(MessageView message) {
  return std::uint64_t{message.config()} << kConfigurationShift | message.version();
}

/// Where a frame begins with a byte that no protobuf message of ours begins with, the peer is likely of the
/// younger generation, whose version word follows the size.
bool isYoungerGeneration(std::span<const std::byte> first_bytes) {
  return first_bytes.size() > kJitaasFrameHeaderSize && first_bytes[kJitaasFrameHeaderSize] == std::byte{0};
}

/// A hello of TLS, or an alert, whose first four bytes are the size of a frame like any other. Behind them a
/// frame would have a field with the number 0, which there is not.
bool isTls(std::span<const std::byte> first_bytes) {
  constexpr std::byte kAlert{0x15};
  constexpr std::byte kHandshake{0x16};
  constexpr std::byte kMajorVersion{3};
  constexpr std::byte kSizeOfAlert{2};
  constexpr std::byte kClientHello{1};
  constexpr std::byte kServerHello{2};
  constexpr std::size_t kLowSize = 4;  // of a record: type, version, size
  constexpr std::size_t kMessage = 5;  // of the handshake: type, size of 24 bits
  if (first_bytes.size() <= kMessage + 1 || first_bytes[1] != kMajorVersion) return false;
  if (first_bytes[0] == kAlert)
    return first_bytes[3] == std::byte{0} && first_bytes[kLowSize] == kSizeOfAlert;
  const std::byte message = first_bytes[kMessage];
  return first_bytes[0] == kHandshake && (message == kClientHello || message == kServerHello) &&
         first_bytes[kMessage + 1] == std::byte{0};
}

Expected<std::optional<std::size_t>> announcedFrame(std::span<const std::byte> first_bytes,
                                                    const WireLimits& limits) {
  if (first_bytes.size() < kJitaasFrameHeaderSize) return std::nullopt;
  std::uint32_t size = 0;
  std::memcpy(&size, first_bytes.data(), sizeof size);
  if (size > limits.max_message_size_bytes || isTls(first_bytes)) {
    const auto refused = announcedSize(first_bytes, limits);  // it knows other protocols by these bytes
    if (!refused) return std::unexpected(refused.error());
    return std::unexpected(
        WireError{WireErrc::messageTooLarge, 0, "message size", size, limits.max_message_size_bytes});
  }
  if (size != 0 && isYoungerGeneration(first_bytes)) {
    return std::unexpected(WireError{WireErrc::foreignProtocol, kJitaasFrameHeaderSize, "message type", 0, 0,
                                     "this is no protobuf; a message of JITServer looks like that"});
  }
  return kJitaasFrameHeaderSize + std::size_t{size};
}

ProtobufLimits protobufLimits(const WireLimits& limits) {
  ProtobufLimits protobuf;
  protobuf.max_message_size_bytes = limits.max_message_size_bytes;
  protobuf.max_nesting = std::min(protobuf.max_nesting, limits.max_nesting);
  protobuf.max_values = std::min(protobuf.max_values, limits.max_vector_length);
  return protobuf;
}

}  // namespace

Framer::Announcement JitaasFormat::announcement() const {
  return announcedFrame;
}

std::size_t JitaasFormat::headerSize() const {
  return kHeaderSizeWithType;
}

std::optional<std::uint16_t> JitaasFormat::typeOf(std::span<const std::byte> begin) const {
  if (begin.size() < kJitaasFrameHeaderSize || isYoungerGeneration(begin)) return std::nullopt;
  const auto body = begin.subspan(kJitaasFrameHeaderSize);
  if (body.empty() || body[0] != kTypeField) return std::uint16_t{0};  // a zero is left out
  std::uint32_t type = 0;
  unsigned shift = 0;
  for (const std::byte byte : body.subspan(1)) {
    type |= (std::to_integer<std::uint32_t>(byte) & 0x7fU) << shift;
    shift += 7;
    if ((byte & std::byte{0x80}) != std::byte{0}) continue;
    if (type > std::numeric_limits<std::uint16_t>::max()) return std::nullopt;
    return static_cast<std::uint16_t>(type);
  }
  return std::nullopt;
}

std::vector<std::byte> JitaasFormat::encode(MessageView message, Direction sender) const {
  JitaasMessage frame(message.type(), versionOf(message));
  addFrameValues(frame.data(), message, signatures_.find(message.type(), sender));
  return frame.serialize();
}

std::expected<std::optional<FormatMisfit>, std::string> JitaasFormat::decode(std::span<const std::byte> frame,
                                                                             std::optional<Direction> sender,
                                                                             const WireLimits& limits,
                                                                             Message& message) const {
  const auto parsed = JitaasMessage::parseWithData(frame, protobufLimits(limits));
  if (!parsed) return std::unexpected(toString(parsed.error()));
  constexpr std::int32_t kMaxNumber = std::numeric_limits<std::uint16_t>::max();
  if (parsed->type() < 0 || parsed->type() > kMaxNumber) {
    return std::unexpected(fmt::format("type {}: no message has this number", parsed->type()));
  }
  const std::size_t count = any_data::size(parsed->data());
  if (count > static_cast<std::size_t>(kMaxNumber)) {
    return std::unexpected(
        fmt::format("data: {} values, but a message has no more than {}", count, kMaxNumber));
  }
  const auto type = static_cast<std::uint16_t>(parsed->type());
  message.start(type, static_cast<std::uint32_t>(parsed->version()),
                static_cast<std::uint32_t>(parsed->version() >> kConfigurationShift));
  const JitaasSignatures::Types* types = sender ? signatures_.find(type, *sender) : nullptr;
  return addDataPoints(message, parsed->data(), types, signatures_, tags_);
}

}  // namespace jitrig
