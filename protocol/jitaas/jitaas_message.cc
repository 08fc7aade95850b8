#include "protocol/jitaas/jitaas_message.h"

#include <cstring>
#include <limits>
#include <stdexcept>
#include <utility>

#include "protocol/jitaas/compile.pb.h"
#include "protocol/jitaas/protobuf_validation.h"

namespace jitrig {

JitaasMessage::JitaasMessage(std::int32_t type, std::uint64_t version)
    : message_(std::make_unique<JITServer::J9ClientMessage>()) {
  message_->set_type(type);
  message_->set_version(version);
  message_->mutable_data();  // a real peer writes it even where it is empty
}

JitaasMessage::JitaasMessage(std::unique_ptr<JITServer::J9ClientMessage> message)
    : message_(std::move(message)) {}

JitaasMessage::JitaasMessage(JitaasMessage&& other) noexcept = default;
JitaasMessage& JitaasMessage::operator=(JitaasMessage&& other) noexcept = default;
JitaasMessage::~JitaasMessage() = default;

std::int32_t JitaasMessage::type() const {
  return message_->type();
}

std::uint64_t JitaasMessage::version() const {
  return message_->version();
}

JITServer::AnyData& JitaasMessage::data() {
  return *message_->mutable_data();
}

const JITServer::AnyData& JitaasMessage::data() const {
  return message_->data();
}

std::size_t JitaasMessage::size() const {
  return kJitaasFrameHeaderSize + message_->ByteSizeLong();
}

std::vector<std::byte> JitaasMessage::serialize() const {
  const std::size_t size = message_->ByteSizeLong();
  if (size > std::numeric_limits<std::int32_t>::max()) throw std::length_error("a message of more than 2 GB");
  std::vector<std::byte> frame(kJitaasFrameHeaderSize + size);
  const auto announced = static_cast<std::uint32_t>(size);
  std::memcpy(frame.data(), &announced, sizeof announced);
  message_->SerializeWithCachedSizesToArray(
      reinterpret_cast<std::uint8_t*>(frame.data() + kJitaasFrameHeaderSize));
  return frame;
}

ProtobufResult<JitaasMessage> JitaasMessage::parse(std::span<const std::byte> frame,
                                                   const ProtobufLimits& limits) {
  if (auto valid = validateJitaasFrame(frame, limits); !valid) return std::unexpected(valid.error());
  auto message = std::make_unique<JITServer::J9ClientMessage>();
  const std::span<const std::byte> body = frame.subspan(kJitaasFrameHeaderSize);
  if (!message->ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return std::unexpected(ProtobufError{kJitaasFrameHeaderSize, "message", "protobuf does not read it"});
  }
  return JitaasMessage(std::move(message));
}

}  // namespace jitrig
