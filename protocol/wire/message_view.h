#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "protocol/wire/data_point.h"
#include "protocol/wire/wire_error.h"
#include "protocol/wire/wire_limits.h"

namespace jitrig {

/// The message types that have no body and a stale data-point count (spec: wire.md, "Messages without a
/// body"). Their numbers differ between releases, so the wire layer is told; the catalogue knows.
struct BodylessTypes {
  /// 16-bit numbers; -1 is none.
  std::array<std::int32_t, 2> numbers{-1, -1};

  /// Whether messages of this type have no body.
  bool contains(std::uint16_t type) const { return type == numbers[0] || type == numbers[1]; }
};

/// What a reader has to be told before it looks at bytes.
struct ParseOptions {
  WireLimits limits;
  BodylessTypes bodyless;
};

/// As on the wire, behind the size.
struct MessageMetaData {
  std::uint32_t version = 0;
  std::uint32_t config = 0;
  std::uint16_t type = 0;
  std::uint16_t num_data_points = 0;
};
static_assert(sizeof(MessageMetaData) == 12);

/// A message that lies in somebody else's bytes: what Message can do for a reader, without owning anything.
/// A view of a message that was parsed, so validated down to its last nested descriptor. It is valid as long
/// as those bytes are, and as they do not change; copying it is cheap.
class MessageView {
 public:
  static constexpr std::size_t kHeaderSize = sizeof(std::uint32_t) + sizeof(MessageMetaData);

  /// An empty message of type 0.
  MessageView() = default;

  /// Validates a whole message where it lies, as Message::parse does: the same is accepted, and refused with
  /// the same errors.
  static Expected<MessageView> parse(std::span<const std::byte> bytes, const ParseOptions& options);

  /// The data-point count of a body-less message reads 0, whatever the peer left there.
  MessageMetaData metaData() const {
    MessageMetaData meta_data;
    std::memcpy(&meta_data, data_ + sizeof(std::uint32_t), sizeof meta_data);
    // A message that has data points is longer than its header.
    if (size_ == kHeaderSize) meta_data.num_data_points = 0;
    return meta_data;
  }
  std::uint16_t type() const { return metaData().type; }
  std::uint32_t version() const { return metaData().version; }
  std::uint32_t config() const { return metaData().config; }
  std::uint16_t numDataPoints() const { return metaData().num_data_points; }
  std::size_t size() const { return size_; }

  /// As they arrived: a body-less message's stale count is there.
  std::span<const std::byte> bytes() const { return {data_, size_}; }

  /// The top-level data points.
  DataPointRange dataPoints() const { return {data_, kHeaderSize, size_}; }

 private:
  friend class Message;  // whose bytes need no second validation
  MessageView(const std::byte* data, std::size_t size) : data_(data), size_(size) {}

  alignas(8) static constexpr std::array<std::byte, kHeaderSize> kEmpty{std::byte{kHeaderSize}};

  const std::byte* data_ = kEmpty.data();
  std::size_t size_ = kHeaderSize;
};

}  // namespace jitrig
