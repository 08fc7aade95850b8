#include "protocol/jitaas/jitaas_message.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <google/protobuf/arena.h>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "protocol/jitaas/compile.pb.h"
#include "protocol/jitaas/encoded_values.h"
#include "protocol/jitaas/protobuf_validation.h"

namespace jitrig {

namespace {

constexpr std::uint8_t kTypeKey = 0x08;
constexpr std::uint8_t kDataKey = 0x12;
constexpr std::uint8_t kVersionKey = 0x18;

/// Zero is left out.
std::size_t numberFieldSize(std::uint64_t value) {
  return value == 0 ? 0 : 1 + jitaas_detail::varintSize(value);
}

/// As protobuf has it: a negative int32 is ten bytes long.
std::uint64_t wireTypeNumber(std::int32_t type) {
  return static_cast<std::uint64_t>(std::int64_t{type});
}

}  // namespace

/// With its values in one piece: protobuf allocates each otherwise, and frees each.
struct JitaasMessage::Generated {
  static constexpr std::size_t kFirstBytes = 1024;

  Generated() = default;
  Generated(const Generated&) = delete;
  Generated& operator=(const Generated&) = delete;

  alignas(std::max_align_t) std::array<char, kFirstBytes> first;  // NOLINT(*-member-init): protobuf's
  google::protobuf::Arena arena{first.data(), first.size()};
  JITServer::J9ClientMessage& message =
      *google::protobuf::Arena::CreateMessage<JITServer::J9ClientMessage>(&arena);
};

JitaasMessage::JitaasMessage(std::int32_t type, std::uint64_t version) : type_(type), version_(version) {}
JitaasMessage::JitaasMessage(JitaasMessage&& other) noexcept = default;
JitaasMessage& JitaasMessage::operator=(JitaasMessage&& other) noexcept = default;
JitaasMessage::~JitaasMessage() = default;

void JitaasMessage::start(std::int32_t type, std::uint64_t version) {
  type_ = type;
  version_ = version;
  is_encoded_ = true;
  values_.clear();
  generated_.reset();
}

std::int32_t JitaasMessage::type() const {
  return type_;
}

std::uint64_t JitaasMessage::version() const {
  return version_;
}

JITServer::AnyData& JitaasMessage::data() {
  JITServer::J9ClientMessage& message = generated();
  is_encoded_ = false;  // it may be changed there
  return *message.mutable_data();
}

const JITServer::AnyData& JitaasMessage::data() const {
  return generated().data();
}

JITServer::J9ClientMessage& JitaasMessage::generated() const {
  if (generated_) return generated_->message;
  auto generated = std::make_unique_for_overwrite<Generated>();
  JITServer::J9ClientMessage& message = generated->message;
  message.set_type(type_);
  message.set_version(version_);
  // A real peer writes it even where it is empty.
  if (!message.mutable_data()->ParseFromArray(values_.data(), static_cast<int>(values_.size())))
    throw std::logic_error("protobuf does not read a message that was found valid");
  generated_ = std::move(generated);
  return message;
}

std::optional<std::span<const std::byte>> JitaasMessage::encodedValues() const {
  if (!is_encoded_) return std::nullopt;
  return values_;
}

std::byte* JitaasMessage::addEncodedValues(std::size_t size_bytes) {
  if (!is_encoded_) {
    const std::string data = generated_->message.data().SerializeAsString();
    const auto bytes = std::as_bytes(std::span(data));
    values_.assign(bytes.begin(), bytes.end());
    is_encoded_ = true;
  }
  generated_.reset();
  const std::size_t had = values_.size();
  values_.resize(had + size_bytes);
  return values_.data() + had;
}

std::size_t JitaasMessage::size() const {
  if (!is_encoded_) return kJitaasFrameHeaderSize + generated_->message.ByteSizeLong();
  return kJitaasFrameHeaderSize + numberFieldSize(wireTypeNumber(type_)) +
         jitaas_detail::lengthFieldSize(values_.size()) + numberFieldSize(version_);
}

std::vector<std::byte> JitaasMessage::serialize() const {
  std::vector<std::byte> frame;
  serialize(frame);
  return frame;
}

void JitaasMessage::serialize(std::vector<std::byte>& frame) const {
  const std::size_t whole = size();
  const std::size_t body = whole - kJitaasFrameHeaderSize;
  if (body > std::numeric_limits<std::int32_t>::max()) throw std::length_error("a message of more than 2 GB");
  frame.resize(whole);
  const auto announced = static_cast<std::uint32_t>(body);
  std::memcpy(frame.data(), &announced, sizeof announced);
  std::byte* const rest = frame.data() + kJitaasFrameHeaderSize;
  if (!is_encoded_) {
    generated_->message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(rest));
    return;
  }
  jitaas_detail::EncodedWriter out(rest);
  if (type_ != 0) out.number(kTypeKey, wireTypeNumber(type_));
  out.bytes(kDataKey, values_);
  if (version_ != 0) out.number(kVersionKey, version_);
}

ProtobufResult<JitaasMessage> JitaasMessage::parse(std::span<const std::byte> frame,
                                                   const ProtobufLimits& limits) {
  ProtobufResult<JitaasMessage> message(std::in_place, 0);
  if (auto read = message->read(frame, limits); !read) return std::unexpected(std::move(read.error()));
  return message;
}

/// What protobuf would put together, or keep although it does not know it, it does at once.
ProtobufResult<void> JitaasMessage::read(std::span<const std::byte> frame, const ProtobufLimits& limits) {
  auto valid = validateJitaasFrame(frame, limits);
  if (!valid) {
    start(0);
    return std::unexpected(std::move(valid.error()));
  }
  if (!valid->is_plain) return readWithProtobuf(frame);
  start(valid->type, valid->version);
  values_.assign(valid->values.begin(), valid->values.end());
  return {};
}

ProtobufResult<JitaasMessage> JitaasMessage::parseWithData(std::span<const std::byte> frame,
                                                           const ProtobufLimits& limits) {
  const auto valid = validateJitaasFrame(frame, limits);
  if (!valid) return std::unexpected(valid.error());
  ProtobufResult<JitaasMessage> message(std::in_place, 0);
  if (auto read = message->readWithProtobuf(frame); !read) return std::unexpected(std::move(read.error()));
  return message;
}

ProtobufResult<void> JitaasMessage::readWithProtobuf(std::span<const std::byte> frame) {
  start(0);
  auto generated = std::make_unique_for_overwrite<Generated>();
  const std::span<const std::byte> body = frame.subspan(kJitaasFrameHeaderSize);
  if (!generated->message.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return std::unexpected(ProtobufError{kJitaasFrameHeaderSize, "message", "protobuf does not read it"});
  }
  type_ = generated->message.type();
  version_ = generated->message.version();
  is_encoded_ = false;
  generated_ = std::move(generated);
  return {};
}

}  // namespace jitrig
