#include "protocol/wire/message.h"

#include <bit>
#include <cstring>
#include <limits>
#include <stdexcept>

#include "protocol/wire/message_validation.h"

namespace jitrig {

// Fields are copied to and from the wire without conversion (spec: wire.md, byte order).
static_assert(std::endian::native == std::endian::little, "big-endian machines are not in scope");

Message Message::copy() const {
  Message other{MessageBuffer(buffer_.bytes())};
  other.open_containers_ = open_containers_;
  return other;
}

void Message::setType(std::uint16_t type) {
  startIfEmpty();
  MetaData meta_data = metaData();
  meta_data.type = type;
  setMetaData(meta_data);
}

void Message::setVersion(std::uint32_t version, std::uint32_t config) {
  startIfEmpty();
  MetaData meta_data = metaData();
  meta_data.version = version;
  meta_data.config = config;
  setMetaData(meta_data);
}

void Message::addDataPoint(DataType type, std::span<const std::byte> payload, std::uint8_t element_size) {
  startIfEmpty();
  requireSizeFor(payload.size());
  const auto payload_size = static_cast<std::uint32_t>(payload.size());
  const std::uint32_t alignment_subject = type == DataType::SIMPLE_VECTOR ? element_size : payload_size;
  const std::uint32_t filler = needsAlignment8(type, alignment_subject) ? fillerSize(buffer_.size()) : 0;
  const std::uint64_t descriptor = canonicalDescriptor(type, payload_size, filler, element_size);
  const std::uint32_t padded = paddedSize(payload_size);

  countDataPoint();
  const std::size_t offset = buffer_.extend(sizeof descriptor + filler + padded);
  std::byte* place = buffer_.data() + offset;
  std::memcpy(place, &descriptor, sizeof descriptor);
  place += sizeof descriptor;
  std::memset(place, 0, filler);
  place += filler;
  if (payload_size != 0) std::memcpy(place, payload.data(), payload_size);
  std::memset(place + payload_size, 0, padded - payload_size);
  updateSize();
}

std::size_t Message::openContainer(DataType type) {
  startIfEmpty();
  countDataPoint();
  const DataDescriptor descriptor{.type = type, .padding = 0, .data_offset = 0, .element_size = 0, .size = 0};
  ++open_containers_;
  return buffer_.append(std::as_bytes(std::span(&descriptor, 1)));
}

std::size_t Message::openVector(std::uint32_t count) {
  const std::size_t offset = openContainer(DataType::VECTOR);
  addDataPoint(DataType::UINT32, std::as_bytes(std::span(&count, 1)));
  return offset;
}

void Message::closeContainer(std::size_t offset) {
  const auto size = static_cast<std::uint32_t>(buffer_.size() - offset - sizeof(DataDescriptor));
  std::memcpy(buffer_.data() + offset + offsetof(DataDescriptor, size), &size, sizeof size);
  --open_containers_;
  updateSize();
}

Expected<MessageView> MessageView::parse(std::span<const std::byte> bytes, const ParseOptions& options) {
  if (isPlainMessage(bytes, options)) [[likely]]
    return MessageView(bytes.data(), bytes.size());
  if (auto valid = validateMessage(bytes, options); !valid) return std::unexpected(valid.error());
  return MessageView(bytes.data(), bytes.size());
}

Expected<Message> Message::parse(MessageBuffer buffer, const ParseOptions& options) {
  Message message;
  if (const auto adopted = message.adopt(std::move(buffer), options); !adopted)
    return std::unexpected(adopted.error());
  return message;
}

Expected<Message> Message::parse(std::span<const std::byte> bytes, const ParseOptions& options) {
  return parse(MessageBuffer(bytes), options);
}

Expected<void> Message::adopt(MessageBuffer&& buffer, const ParseOptions& options) {
  const auto view = MessageView::parse(buffer.bytes(), options);
  if (!view) return std::unexpected(view.error());
  const MetaData meta_data = view->metaData();
  buffer_ = std::move(buffer);
  open_containers_ = 0;
  setMetaData(meta_data);  // without the stale count of a body-less message
  return {};
}

MessageBuffer Message::takeBuffer() {
  open_containers_ = 0;
  return std::move(buffer_);
}

DataPointWriter Message::beginDataPoints(std::size_t count, std::size_t size_bound) {
  startIfEmpty();
  requireSizeFor(size_bound);
  requireCountFor(count);
  buffer_.reserve(buffer_.size() + size_bound);
  return {buffer_.data(), buffer_.size()};
}

void Message::endDataPoints(std::size_t count, const DataPointWriter& writer) {
  buffer_.resize(writer.offset());
  if (open_containers_ == 0) {  // nested data points are not counted in the header
    MetaData meta_data = metaData();
    meta_data.num_data_points = static_cast<std::uint16_t>(meta_data.num_data_points + count);
    setMetaData(meta_data);
  }
  updateSize();
}

void Message::requireSizeFor(std::size_t more_bytes) const {
  if (more_bytes > kMaxSize || buffer_.size() > kMaxSize - more_bytes) {
    throw std::length_error("a message cannot be larger than its 32-bit size field can say");
  }
}

void Message::requireCountFor(std::size_t more) const {
  constexpr std::size_t kMaxCount = std::numeric_limits<std::uint16_t>::max();
  if (open_containers_ == 0 && more > kMaxCount - numDataPoints()) {
    throw std::length_error("a message cannot hold more than 65535 data points");
  }
}

void Message::countDataPoint() {
  requireCountFor(1);
  if (open_containers_ != 0) return;
  MetaData meta_data = metaData();
  ++meta_data.num_data_points;
  setMetaData(meta_data);
}

void Message::updateSize() {
  const auto size = static_cast<std::uint32_t>(buffer_.size());
  std::memcpy(buffer_.data(), &size, sizeof size);
}

void Message::setMetaData(const MetaData& meta_data) {
  std::memcpy(buffer_.data() + sizeof(std::uint32_t), &meta_data, sizeof meta_data);
}

}  // namespace jitrig
