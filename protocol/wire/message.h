#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>
#include <utility>

#include "protocol/wire/data_point.h"
#include "protocol/wire/data_point_writer.h"
#include "protocol/wire/message_buffer.h"
#include "protocol/wire/message_view.h"
#include "protocol/wire/wire_error.h"

namespace jitrig {

/// A JITServer message: 16 bytes of size and meta data, then data points (spec: wire.md).
///
/// A message is either written (start, then add… or setArgs) or parsed. What is written is canonical: filler
/// and padding are zero. What was parsed has been validated down to the last nested descriptor, and reading
/// it needs no further check of bounds. Not thread-safe. Moving is cheap; copying does not happen by
/// accident.
class Message {
 public:
  using MetaData = MessageMetaData;

  static constexpr std::size_t kHeaderSize = MessageView::kHeaderSize;

  /// An empty message of type 0, without storage: it costs no allocation.
  Message() = default;
  explicit Message(std::uint16_t type) { start(type); }

  Message copy() const;

  // Writing.

  /// Begins anew, keeping the storage.
  void start(std::uint16_t type, std::uint32_t version = 0, std::uint32_t config = 0) {
    buffer_.reserve(kHeaderSize);  // what is there is not worth keeping, but then there is room already
    // Two stores: size and version, configuration and type with a count of 0. The members come last, because
    // to the compiler bytes may lie anywhere, and setArgs should know what they are.
    const std::uint64_t first = kHeaderSize | std::uint64_t{version} << 32U;
    const std::uint64_t second = config | std::uint64_t{type} << 32U;
    std::byte* header = buffer_.data();
    std::memcpy(header, &first, sizeof first);
    std::memcpy(header + sizeof first, &second, sizeof second);
    buffer_.resizeWithinCapacity(kHeaderSize);
    open_containers_ = 0;
  }

  /// Changes the header; the data points stay.
  void setType(std::uint16_t type);
  /// Both as on the wire: version word and configuration, or 0 and 0.
  void setVersion(std::uint32_t version, std::uint32_t config);

  /// Adds a data point with its data, filler and padding. Throws std::length_error beyond what the header's
  /// fields can express (65,535 data points, 4 GiB).
  void addDataPoint(DataType type, std::span<const std::byte> payload, std::uint8_t element_size = 0);

  /// Begins a VECTOR or TUPLE: what is added until closeContainer(offset) is nested in it. A VECTOR's first
  /// nested data point is its count, which openVector writes.
  std::size_t openTuple() { return openContainer(DataType::TUPLE); }
  std::size_t openVector(std::uint32_t count);
  void closeContainer(std::size_t offset);

  // What setArgs is made of: many data points with one look at the storage.

  /// A writer at this message's end, with room for `size_bound` bytes that its owner stays within. Throws as
  /// addDataPoint does, if `count` data points or that many bytes are too many; then nothing has changed.
  DataPointWriter beginDataPoints(std::size_t count, std::size_t size_bound);
  /// Takes what the writer wrote: `count` data points of the innermost open container, or of the message.
  void endDataPoints(std::size_t count, const DataPointWriter& writer);

  /// The same where nothing stands behind the header yet and the storage is large enough, the usual case:
  /// then every offset, filler and descriptor up to the first string or vector is known to the compiler.
  bool beginsWithRoomFor(std::size_t size_bound) const {
    return buffer_.size() == kHeaderSize && size_bound <= buffer_.capacity() - kHeaderSize &&
           size_bound <= kMaxSize - kHeaderSize;
  }
  DataPointWriter beginFirstDataPoints() { return {buffer_.data(), kHeaderSize}; }
  void endFirstDataPoints(std::uint16_t count, const DataPointWriter& writer) {
    const auto size = static_cast<std::uint32_t>(writer.offset());
    std::byte* header = buffer_.data();
    std::memcpy(header, &size, sizeof size);
    std::memcpy(header + kCountOffset, &count, sizeof count);
    buffer_.resizeWithinCapacity(writer.offset());
  }

  /// The whole message, size field included, ready for one write. Valid until the message changes.
  std::span<const std::byte> serialize() const { return view().bytes(); }

  // Reading.

  /// Takes a whole message, size field included, and validates it once: every descriptor against the end of
  /// its parent, within the limits, without recursion. Nothing of a refused message can be read.
  static Expected<Message> parse(MessageBuffer buffer, const ParseOptions& options);
  static Expected<Message> parse(std::span<const std::byte> bytes, const ParseOptions& options);
  /// The same in place of what this message was. Refused bytes leave both as they were.
  Expected<void> adopt(MessageBuffer&& buffer, const ParseOptions& options);

  /// This message for those who only read it; valid until the message changes, moves or dies. Whoever reads
  /// takes a MessageView, so that it need not be a Message that holds the bytes.
  MessageView view() const {
    return buffer_.size() == 0 ? MessageView() : MessageView(buffer_.data(), buffer_.size());
  }
  // NOLINTNEXTLINE(google-explicit-constructor): a Message can be read as one
  operator MessageView() const { return view(); }

  /// The data-point count of a parsed body-less message reads 0, whatever the peer left there.
  MetaData metaData() const { return view().metaData(); }
  std::uint16_t type() const { return metaData().type; }
  std::uint32_t version() const { return metaData().version; }
  std::uint32_t config() const { return metaData().config; }
  std::uint16_t numDataPoints() const { return metaData().num_data_points; }
  std::size_t size() const { return view().size(); }

  /// The top-level data points.
  DataPointRange dataPoints() const { return view().dataPoints(); }

  /// Gives the storage away, for the next message; this one is then empty and has none.
  MessageBuffer takeBuffer();

 private:
  static constexpr std::size_t kMaxSize = std::numeric_limits<std::uint32_t>::max() - 64;
  static constexpr std::size_t kCountOffset = 14;

  explicit Message(MessageBuffer buffer) : buffer_(std::move(buffer)) {}

  void startIfEmpty() {
    if (buffer_.size() == 0) start(0);
  }
  std::size_t openContainer(DataType type);
  void requireSizeFor(std::size_t more_bytes) const;
  void requireCountFor(std::size_t more) const;
  void countDataPoint();
  void updateSize();
  void setMetaData(const MetaData& meta_data);

  MessageBuffer buffer_;  // without a header as long as nothing was written
  std::uint32_t open_containers_ = 0;
};

}  // namespace jitrig
