#include "protocol/wire/message_validation.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>

namespace jitrig {
namespace {

template <class T>
T loadAt(std::span<const std::byte> bytes, std::size_t offset) {
  T value;
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  return value;
}

std::unexpected<WireError> refuse(WireErrc code, std::size_t offset, const char* field,
                                  std::uint64_t found = 0, std::uint64_t expected = 0,
                                  const char* hint = "") {
  return std::unexpected(WireError{code, offset, field, found, expected, hint});
}

/// Four characters as a number, as they stand in memory.
constexpr std::uint32_t wordOf(std::string_view text) {
  return std::bit_cast<std::uint32_t>(std::array{text[0], text[1], text[2], text[3]});
}

constexpr std::array kWordsOfHttp{wordOf("GET "), wordOf("POST"), wordOf("PUT "), wordOf("HEAD"),
                                  wordOf("OPTI"), wordOf("DELE"), wordOf("CONN"), wordOf("PATC"),
                                  wordOf("TRAC"), wordOf("HTTP"), wordOf("PRI ")};

/// Peers that knock on the wrong door, by their first four bytes.
const char* foreignProtocol(std::span<const std::byte> first_bytes) {
  const auto word = loadAt<std::uint32_t>(first_bytes, 0);
  if (std::ranges::find(kWordsOfHttp, word) != kWordsOfHttp.end()) return "this is HTTP";
  if (word == wordOf("PROX") || word == wordOf("\r\n\r\n")) return "this is a PROXY protocol header";
  if (word == wordOf("SSH-")) return "this is SSH";
  const auto text = std::bit_cast<std::array<std::uint8_t, sizeof word>>(word);
  if (text[0] == 0x16 && text[1] == 0x03 && text[2] <= 0x04) return "this is a TLS handshake";
  if (text[0] == 0x15 && text[1] == 0x03 && text[2] <= 0x04) return "this is a TLS alert";
  return nullptr;
}

/// A SETTINGS frame of HTTP/2, with which a gRPC server greets: the size's bytes swapped make sense, too.
const char* swappedSizeHint(std::span<const std::byte> first_bytes) {
  const auto at = [&](std::size_t index) { return std::to_integer<unsigned>(first_bytes[index]); };
  constexpr unsigned kSettings = 4;
  constexpr unsigned kSettingSize = 6;
  const bool settings = at(0) == 0 && at(1) == 0 && at(2) % kSettingSize == 0 && at(3) == kSettings;
  return settings ? "or this is HTTP/2, in which gRPC's servers greet" : "";
}

constexpr std::uint64_t fixedPayloadSize(DataType type) {
  switch (type) {
    case DataType::INT32:
    case DataType::UINT32: return 4;
    case DataType::INT64:
    case DataType::UINT64: return 8;
    case DataType::BOOL: return 1;
    default: return 0;
  }
}

bool fitsMultiple(std::uint32_t payload, std::uint32_t element_size) {
  return element_size != 0 && payload % element_size == 0;
}

/// The rules that a descriptor must obey by itself. Offsets in errors point at the field.
Expected<void> checkDescriptor(const DataDescriptor& d, std::size_t offset) {
  const auto type_number = static_cast<std::uint8_t>(d.type);
  if (type_number > kLastDataType || d.type == DataType::ENUM) {
    return refuse(WireErrc::unknownDataType, offset, "data type", type_number, kLastDataType);
  }
  if (d.padding > 3) return refuse(WireErrc::paddingTooLarge, offset + 1, "padding", d.padding, 3);
  if (d.data_offset != 0 && d.data_offset != 4) {
    return refuse(WireErrc::badDataOffset, offset + 2, "data offset", d.data_offset, 4);
  }
  if (d.size % 4 != 0) return refuse(WireErrc::sizeNotAligned, offset + 4, "data point size", d.size, 4);
  if (d.type == DataType::EMPTY_VECTOR && d.size != 0) {
    return refuse(WireErrc::emptyVectorWithData, offset + 4, "data point size", d.size, 0);
  }
  if ((d.isContainer() || d.type == DataType::EMPTY_VECTOR) && (d.padding != 0 || d.data_offset != 0)) {
    return refuse(WireErrc::containerWithPadding, offset + 1, "padding and data offset",
                  std::uint64_t{d.padding} + d.data_offset, 0);
  }
  const std::uint32_t around = std::uint32_t{d.padding} + d.data_offset;
  if (d.size < around) {
    return refuse(WireErrc::sizeTooSmall, offset + 4, "data point size", d.size, around);
  }
  const std::uint64_t fixed = fixedPayloadSize(d.type);
  if (fixed != 0 && d.payloadSize() != fixed) {
    return refuse(WireErrc::payloadLength, offset + 4, "payload length", d.payloadSize(), fixed);
  }
  if (d.type == DataType::SIMPLE_VECTOR && !fitsMultiple(d.payloadSize(), d.element_size)) {
    return refuse(WireErrc::elementSize, offset + 3, "element size", d.element_size, d.payloadSize());
  }
  return {};
}

/// A container whose nested data points are being walked; the message itself is the outermost.
/// Without initialisers on purpose: the stack of them is not cleared for each message.
struct OpenContainer {
  std::size_t end;
  std::size_t offset;       ///< of its descriptor
  std::uint64_t remaining;  ///< nested data points still to come; meaningless for a tuple
  bool counted;             ///< VECTOR and the message know how many there are, a tuple does not
};

/// Walks all descriptors with a stack of its own, whose size the nesting limit bounds.
class Validation {
 public:
  Validation(std::span<const std::byte> message, const WireLimits& limits)
      : message_(message), limits_(limits), max_depth_(std::min(limits.max_nesting, kNestingHardLimit)) {}

  Expected<void> run() {
    const std::size_t count = loadAt<std::uint16_t>(message_, 14);
    open_[0] = {.end = message_.size(), .offset = 14, .remaining = count, .counted = true};
    std::size_t position = MessageView::kHeaderSize;
    while (true) {
      if (auto closed = closeFinished(position); !closed) return std::unexpected(closed.error());
      if (finished_) return {};
      auto next = step(position);
      if (!next) return std::unexpected(next.error());
      position = *next;
    }
  }

 private:
  OpenContainer& innermost() { return open_[depth_]; }

  /// Leaves every container that ends here, and says if it ends as it should.
  Expected<void> closeFinished(std::size_t position) {
    while (true) {
      OpenContainer& container = innermost();
      const bool at_end = position == container.end;
      if (container.counted && container.remaining == 0 && !at_end) return notFilled(position);
      if (!at_end) return {};
      if (container.counted && container.remaining != 0) return tooFew();
      if (depth_ == 0) {
        finished_ = true;
        return {};
      }
      --depth_;
    }
  }

  Expected<void> notFilled(std::size_t position) {
    const std::uint64_t left = innermost().end - position;
    if (depth_ == 0)
      return refuse(WireErrc::trailingBytes, position, "bytes after the last data point", left, 0);
    return refuse(WireErrc::vectorNotFilled, position, "bytes after the vector's last element", left, 0);
  }

  Expected<void> tooFew() {
    const OpenContainer& container = innermost();
    if (depth_ == 0) {
      return refuse(WireErrc::descriptorPastEnd, container.offset, "data point count",
                    loadAt<std::uint16_t>(message_, 14), 0, "the message ends before its last data point");
    }
    return refuse(WireErrc::vectorNotFilled, container.offset, "vector elements missing", container.remaining,
                  0);
  }

  /// Validates the data point at `position`; returns where to go on: behind it, or inside it.
  Expected<std::size_t> step(std::size_t position) {
    OpenContainer& parent = innermost();
    if (parent.end - position < sizeof(DataDescriptor)) {
      return refuse(WireErrc::descriptorPastEnd, position, "data descriptor", parent.end - position,
                    sizeof(DataDescriptor));
    }
    const auto descriptor = loadAt<DataDescriptor>(message_, position);
    const std::size_t body = position + sizeof(DataDescriptor);
    if (auto checked = checkDescriptor(descriptor, position); !checked) {
      return std::unexpected(checked.error());
    }
    if (descriptor.size > parent.end - body) {
      return refuse(WireErrc::descriptorPastEnd, position + 4, "data point size", descriptor.size,
                    parent.end - body);
    }
    if (descriptor.type == DataType::SIMPLE_VECTOR &&
        descriptor.payloadSize() / descriptor.element_size > limits_.max_vector_length) {
      return refuse(WireErrc::vectorTooLong, position + 4, "vector length",
                    descriptor.payloadSize() / descriptor.element_size, limits_.max_vector_length);
    }
    if (parent.counted) --parent.remaining;
    if (!descriptor.isContainer()) return body + descriptor.size;
    return enter(descriptor, position);
  }

  Expected<std::size_t> enter(const DataDescriptor& descriptor, std::size_t position) {
    if (depth_ >= max_depth_) {
      return refuse(WireErrc::nestingTooDeep, position, "nesting", depth_ + 1, max_depth_);
    }
    const std::size_t body = position + sizeof(DataDescriptor);
    const std::size_t end = body + descriptor.size;
    open_[++depth_] = {.end = end, .offset = position, .remaining = 0, .counted = false};
    if (descriptor.type == DataType::TUPLE) return body;

    constexpr std::size_t kSmallestSize = sizeof(DataDescriptor) + sizeof(std::uint32_t);
    if (descriptor.size < kSmallestSize) {
      return refuse(WireErrc::vectorCount, position + 4, "data point size", descriptor.size, kSmallestSize);
    }
    if (static_cast<DataType>(message_[body]) != DataType::UINT32) {
      return refuse(WireErrc::vectorCount, body, "data type of the vector count",
                    std::to_integer<std::uint8_t>(message_[body]),
                    static_cast<std::uint8_t>(DataType::UINT32));
    }
    const auto after_count = step(body);  // a UINT32: this does not go deeper
    if (!after_count) return after_count;
    const auto count = loadAt<std::uint32_t>(message_, *after_count - 4);
    if (count > limits_.max_vector_length) {
      return refuse(WireErrc::vectorTooLong, *after_count - 4, "vector length", count,
                    limits_.max_vector_length);
    }
    if (count > (end - *after_count) / sizeof(DataDescriptor)) {
      return refuse(WireErrc::vectorNotFilled, *after_count - 4, "vector length", count,
                    (end - *after_count) / sizeof(DataDescriptor),
                    "more elements than the vector has room for");
    }
    innermost().remaining = count;
    innermost().counted = true;
    return after_count;
  }

  std::span<const std::byte> message_;
  const WireLimits& limits_;
  std::size_t max_depth_;
  std::array<OpenContainer, kNestingHardLimit + 1> open_;
  std::size_t depth_ = 0;
  bool finished_ = false;
};

constexpr std::size_t number(DataType type) {
  return static_cast<std::size_t>(type);
}

constexpr std::uint64_t kNoDescriptor = ~std::uint64_t{0};

/// The descriptors of the types of fixed size, but for their filler.
constexpr std::array<std::uint64_t, 16> kFixedDescriptors = [] {
  std::array<std::uint64_t, 16> descriptors{};
  descriptors.fill(kNoDescriptor);
  for (const DataType type :
       {DataType::INT32, DataType::UINT32, DataType::INT64, DataType::UINT64, DataType::BOOL}) {
    descriptors[number(type)] =
        canonicalDescriptor(type, static_cast<std::uint32_t>(fixedPayloadSize(type)), 0);
  }
  return descriptors;
}();

/// The bits that are not set in a plain descriptor of the other types: padding above 3, a data offset other
/// than 0 and 4, an element size that means nothing, a size that is no multiple of 4.
constexpr std::array<std::uint64_t, 16> kForbiddenBits = [] {
  std::array<std::uint64_t, 16> bits{};
  bits.fill(kNoDescriptor);  // not even those of a type: there is none, or it is above
  bits[number(DataType::STRING)] = 0x00000003'fffbfcf0;
  bits[number(DataType::OBJECT)] = 0x00000003'fffbfcf0;
  bits[number(DataType::SIMPLE_VECTOR)] = 0x00000003'00fbfcf0;
  bits[number(DataType::VECTOR)] = 0x00000003'fffffff0;
  bits[number(DataType::TUPLE)] = 0x00000003'fffffff0;
  bits[number(DataType::EMPTY_VECTOR)] = 0xffffffff'fffffff0;
  return bits;
}();

/// The data points of the usual message, quickly: true if all are plain and right, false if Validation has to
/// look. The same walk by the same rules, without a word about what is wrong.
class PlainWalk {
 public:
  PlainWalk(std::span<const std::byte> message, const WireLimits& limits)
      : end_(message.data() + message.size()), limits_(limits) {}

  bool run(const std::byte* position, std::uint64_t count) {
    std::uint64_t remaining = count;  // data points to come; from kUncounted downwards in a tuple
    while (true) {
      if (left(position) < sizeof(DataDescriptor)) {
        if (position != end_ || (remaining != 0 && remaining <= kMaxCount)) return false;
        if (depth_ == 0) return true;
        --depth_;
        end_ = open_[depth_].end;
        remaining = open_[depth_].remaining;
        continue;
      }
      if (remaining-- == 0) return false;
      const auto descriptor = load<std::uint64_t>(position);
      const std::size_t type = descriptor & 15U;
      const std::uint64_t size = descriptor >> 32U;
      position += sizeof(DataDescriptor);
      if (size > left(position)) return false;
      const std::uint64_t filler = descriptor & 0x40000U;  // a data offset of 4, which size contains
      if (descriptor - filler - (filler << 16U) != kFixedDescriptors[type]) {
        // 0 has no forbidden bit, and is no INT32 either.
        if (descriptor == 0 || (descriptor & kForbiddenBits[type]) != 0) return false;
        const std::uint64_t around = (descriptor >> 8U & 3U) + (filler >> 16U);
        if (size < around) return false;
        if (type == number(DataType::TUPLE) || type == number(DataType::VECTOR)) {
          if (!enter(position, position + size, type, remaining)) return false;
          continue;
        }
        if (type == number(DataType::SIMPLE_VECTOR) &&
            !elementsFit(size - around, descriptor >> 24U & 255U)) {
          return false;
        }
      }
      position += size;
    }
  }

 private:
  static constexpr std::uint64_t kMaxCount = std::numeric_limits<std::uint32_t>::max();
  /// A tuple ends where it ends: so many data points that no message can bring the number below kMaxCount.
  static constexpr std::uint64_t kUncounted = std::numeric_limits<std::uint64_t>::max();
  /// Real messages stay far below. Beyond it Validation, which has a stack for every limit, takes over.
  static constexpr std::size_t kPlainNesting = 16;

  struct Open {
    const std::byte* end;
    std::uint64_t remaining;
  };

  template <class T>
  static T load(const std::byte* place) {
    T value;
    std::memcpy(&value, place, sizeof value);
    return value;
  }
  std::size_t left(const std::byte* position) const { return static_cast<std::size_t>(end_ - position); }

  /// Goes into a container; a VECTOR's count must come first.
  bool enter(const std::byte*& position, const std::byte* end, std::size_t type, std::uint64_t& remaining) {
    if (depth_ == kPlainNesting || depth_ >= limits_.max_nesting) return false;
    open_[depth_++] = {.end = end_, .remaining = remaining};
    end_ = end;
    remaining = kUncounted;
    if (type == number(DataType::TUPLE)) return true;
    constexpr std::size_t kCountSize = sizeof(DataDescriptor) + sizeof(std::uint32_t);
    if (left(position) < kCountSize ||
        load<std::uint64_t>(position) != canonicalDescriptor(DataType::UINT32, sizeof(std::uint32_t), 0)) {
      return false;
    }
    remaining = load<std::uint32_t>(position + sizeof(DataDescriptor));
    position += kCountSize;
    return remaining <= limits_.max_vector_length;
  }

  bool elementsFit(std::uint64_t payload_size, std::uint64_t element_size) const {
    if (element_size == 0) return false;
    const std::uint32_t count =
        static_cast<std::uint32_t>(payload_size) / static_cast<std::uint32_t>(element_size);
    return count * element_size == payload_size && count <= limits_.max_vector_length;
  }

  const std::byte* end_;
  const WireLimits& limits_;
  std::size_t depth_ = 0;
  std::array<Open, kPlainNesting> open_;  // without initialisers on purpose, as in Validation
};

/// All that is not plain. Not part of its caller, whose frame would have to hold the stack of containers.
[[gnu::noinline, gnu::cold]] Expected<void> validateStepByStep(std::span<const std::byte> message,
                                                               const WireLimits& limits) {
  return Validation(message, limits).run();
}

}  // namespace

Expected<std::size_t> announcedSize(std::span<const std::byte> first_bytes, const WireLimits& limits) {
  const auto size = loadAt<std::uint32_t>(first_bytes, 0);
  const std::size_t limit = std::min(limits.max_message_size_bytes, kNeverForeignSize);
  if (size >= MessageView::kHeaderSize && size % 4 == 0 && size <= limit) [[likely]]
    return size;
  if (const char* hint = foreignProtocol(first_bytes)) {
    return refuse(WireErrc::foreignProtocol, 0, "message size", size, 0, hint);
  }
  if (size >= MessageView::kHeaderSize && size <= limits.max_message_size_bytes && size % 4 == 0) return size;
  const std::uint32_t swapped = __builtin_bswap32(size);
  if (size > limits.max_message_size_bytes && swapped >= MessageView::kHeaderSize && swapped % 4 == 0 &&
      swapped <= limits.max_message_size_bytes) {
    return refuse(WireErrc::bigEndianPeer, 0, "message size", size, swapped, swappedSizeHint(first_bytes));
  }
  if (size < MessageView::kHeaderSize) {
    return refuse(WireErrc::messageTooSmall, 0, "message size", size, MessageView::kHeaderSize);
  }
  if (size > limits.max_message_size_bytes) {
    return refuse(WireErrc::messageTooLarge, 0, "message size", size, limits.max_message_size_bytes);
  }
  return refuse(WireErrc::sizeNotAligned, 0, "message size", size, 4,
                "frames of the older generation, JITaaS, have such sizes");
}

bool isPlainMessage(std::span<const std::byte> message, const ParseOptions& options) {
  if (message.size() < MessageView::kHeaderSize) return false;
  const std::size_t size = loadAt<std::uint32_t>(message, 0);
  if (size != message.size() || size % 4 != 0 ||
      size > std::min(options.limits.max_message_size_bytes, kNeverForeignSize) ||
      options.bodyless.contains(loadAt<std::uint16_t>(message, 12))) {
    return false;
  }
  return PlainWalk(message, options.limits)
      .run(message.data() + MessageView::kHeaderSize, loadAt<std::uint16_t>(message, 14));
}

Expected<void> validateMessage(std::span<const std::byte> message, const ParseOptions& options) {
  if (message.size() < sizeof(std::uint32_t)) {
    return refuse(WireErrc::messageTooSmall, 0, "bytes given", message.size(), MessageView::kHeaderSize);
  }
  const auto size = announcedSize(message, options.limits);
  if (!size) return std::unexpected(size.error());
  if (*size != message.size()) {
    return refuse(WireErrc::sizeMismatch, 0, "message size", *size, message.size());
  }
  if (options.bodyless.contains(loadAt<std::uint16_t>(message, 12))) {
    if (message.size() == MessageView::kHeaderSize) return {};
    return refuse(WireErrc::bodyNotAllowed, MessageView::kHeaderSize, "body",
                  message.size() - MessageView::kHeaderSize, 0);
  }
  return validateStepByStep(message, options.limits);
}

}  // namespace jitrig
