#include "protocol/jitaas/protobuf_validation.h"

#include <cstdint>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <utility>

namespace jitrig {
namespace {

enum class WireKind : std::uint8_t { varint, fixed64, bytes, groupStart, groupEnd, fixed32 };

/// What it reads; the limit may be higher.
constexpr std::size_t kProtobufNesting = ProtobufLimits{}.max_nesting;

constexpr std::uint64_t kHighestFieldNumber = (1U << 29U) - 1;

/// Where the walk is: one for each AnyData around it, on the stack, since a path of strings would cost more
/// than all else. Turned into text only for an error.
struct Container {
  const Container* outer;  ///< nullptr for the message's data
  std::size_t index = 0;   ///< of the value that is walked
  bool is_in_value = false;
};

std::string toString(const Container& container) {
  const std::string name = container.outer == nullptr ? "data" : toString(*container.outer) + ".vector_v";
  return container.is_in_value ? fmt::format("{}[{}]", name, container.index) : name;
}

/// Walks the message as compile.proto describes it. Recursion is bounded by max_nesting. The first error
/// stays, and ends it.
class MessageWalker {
 public:
  MessageWalker(std::span<const std::byte> frame, const ProtobufLimits& limits)
      : frame_(frame), position_(kJitaasFrameHeaderSize), limits_(limits) {}

  /// J9ClientMessage, and J9ServerMessage, which has no version.
  bool walkMessage() {
    std::size_t pieces = 0;
    const bool walked = walkFields(frame_.size(), [&](std::uint64_t number, WireKind kind, std::size_t end) {
      if (number == 2 && kind == WireKind::bytes) {
        ++pieces;
        content_.values = frame_.subspan(position_, end - position_);
        return walkAnyData(end, values_at_top_);
      }
      if (kind != WireKind::varint || (number != 1 && number != 3)) {
        content_.is_plain = false;
        return skip(kind, end);
      }
      std::uint64_t value = 0;
      if (!readVarint(end, value)) return false;
      if (number == 1) {
        content_.type = static_cast<std::int32_t>(value);
      } else {
        content_.version = value;
      }
      return true;
    });
    content_.is_plain &= pieces == 1;
    return walked;
  }

  const ProtobufError& error() const { return error_; }
  const JitaasFrameContent& content() const { return content_; }

 private:
  [[gnu::cold]] bool fail(std::size_t offset, std::string message) {
    error_ = {offset, container_ == nullptr ? "message" : toString(*container_), std::move(message)};
    return false;
  }

  /// `visit` is given each field's number and kind, and for `bytes` where they end.
  template <class Visit>
  bool walkFields(std::size_t end, Visit visit) {
    while (position_ < end) {
      std::uint64_t key = 0;
      if (!readKey(end, key)) return false;
      const std::uint64_t number = key >> 3U;
      const auto kind = static_cast<WireKind>(key & 7U);
      std::size_t field_end = end;
      if (kind == WireKind::bytes && !readLength(end, field_end)) return false;
      if (!visit(number, kind, field_end)) return false;
    }
    return true;
  }

  /// Nearly all are of one byte: every message passes here, and a call costs more than that.
  [[gnu::always_inline]] bool readVarint(std::size_t end, std::uint64_t& value) {
    return readShortVarint(end, value) || readLongVarint(end, value);
  }

  [[gnu::always_inline]] bool readShortVarint(std::size_t end, std::uint64_t& value) {
    if (position_ == end || frame_[position_] >= std::byte{0x80}) return false;
    value = std::to_integer<std::uint64_t>(frame_[position_++]);
    return true;
  }

  bool readLongVarint(std::size_t end, std::uint64_t& value) {
    constexpr std::size_t kMaxVarintBytes = 10;
    const std::size_t start = position_;
    value = 0;
    for (unsigned shift = 0; position_ < end; shift += 7) {
      if (position_ - start == kMaxVarintBytes) return fail(start, "a number of more than 10 bytes");
      const auto byte = std::to_integer<std::uint64_t>(frame_[position_++]);
      value |= (byte & 0x7fU) << shift;
      if (byte < 0x80U) return true;
    }
    return fail(start, fmt::format("a number that does not end within the {} bytes left", end - start));
  }

  /// Protobuf reads keys and lengths of five bytes at most.
  bool readKeyOrLength(std::size_t end, std::uint64_t& value) {
    constexpr std::size_t kMaxBytes = 5;
    const std::size_t start = position_;
    if (!readLongVarint(end, value)) return false;
    if (position_ - start > kMaxBytes) content_.is_plain = false;
    return true;
  }

  [[gnu::always_inline]] bool readKey(std::size_t end, std::uint64_t& key) {
    const std::size_t start = position_;
    if (!readShortVarint(end, key) && !readKeyOrLength(end, key)) return false;
    const std::uint64_t number = key >> 3U;
    if (number - 1 < kHighestFieldNumber) return true;
    return fail(start, fmt::format("{} is no field number; expected 1 to {}", number, kHighestFieldNumber));
  }

  [[gnu::always_inline]] bool readLength(std::size_t end, std::size_t& field_end) {
    const std::size_t start = position_;
    std::uint64_t length = 0;
    if (!readShortVarint(end, length) && !readKeyOrLength(end, length)) return false;
    if (length > end - position_) {
      return fail(start, fmt::format("a length of {} bytes, but only {} are left", length, end - position_));
    }
    field_end = position_ + static_cast<std::size_t>(length);
    return true;
  }

  /// Over a field's content, whatever it means. A group has no length: what is in it would have to be read.
  bool skip(WireKind kind, std::size_t end) {
    std::uint64_t ignored = 0;
    switch (kind) {
      case WireKind::varint: return readVarint(end, ignored);
      case WireKind::fixed64: return skipBytes(8, end);
      case WireKind::fixed32: return skipBytes(4, end);
      case WireKind::bytes: position_ = end; return true;
      default: break;
    }
    return fail(position_, fmt::format("wire type {}; expected 0, 1, 2 or 5", static_cast<unsigned>(kind)));
  }

  bool skipBytes(std::size_t count, std::size_t end) {
    if (end - position_ < count) {
      return fail(position_, fmt::format("{} bytes are due, but only {} are left", count, end - position_));
    }
    position_ += count;
    return true;
  }

  /// The values from here to `end`; `count` counts on, since a message may be sent in pieces.
  bool walkAnyData(std::size_t end, std::size_t& count) {
    Container here{container_};
    container_ = &here;
    const auto visit = [&](std::uint64_t number, WireKind kind, std::size_t field_end) {
      if (number != 1 || kind != WireKind::bytes) return skip(kind, field_end);
      here.index = count++;
      here.is_in_value = true;
      const bool walked = walkAny(field_end);
      here.is_in_value = false;
      return walked;
    };
    const bool walked = walkFields(end, visit);
    container_ = here.outer;
    return walked;
  }

  bool walkAny(std::size_t end) {
    const std::size_t start = position_;
    if (++values_ > limits_.max_values) {
      return fail(start, fmt::format("more than {} values (max_values)", limits_.max_values));
    }
    bool has_content = false;
    std::size_t elements = 0;
    const bool walked = walkFields(end, [&](std::uint64_t number, WireKind kind, std::size_t field_end) {
      const bool is_vector = number == 8 && kind == WireKind::bytes;
      has_content |= is_vector || (number == 6 && kind == WireKind::bytes) ||
                     (kind == WireKind::varint && (number == 7 || (number >= 2 && number <= 5)));
      return is_vector ? walkContainer(field_end, elements) : skip(kind, field_end);
    });
    return walked && (has_content || fail(start, "a value without content; expected one of its members"));
  }

  bool walkContainer(std::size_t end, std::size_t& elements) {
    if (depth_ >= limits_.max_nesting) {
      return fail(position_,
                  fmt::format("vectors and tuples nest deeper than {} (max_nesting)", limits_.max_nesting));
    }
    if (++depth_ > kProtobufNesting) content_.is_plain = false;
    const bool walked = walkAnyData(end, elements);
    --depth_;
    return walked;
  }

  std::span<const std::byte> frame_;
  std::size_t position_;
  const ProtobufLimits& limits_;
  const Container* container_ = nullptr;
  std::size_t values_at_top_ = 0;
  std::size_t values_ = 0;
  std::size_t depth_ = 0;
  ProtobufError error_;
  JitaasFrameContent content_;
};

std::unexpected<ProtobufError> refuseSize(std::string message) {
  return std::unexpected(ProtobufError{0, "size", std::move(message)});
}

}  // namespace

std::string toString(const ProtobufError& error) {
  return fmt::format("offset {}: {}: {}", error.offset, error.field, error.message);
}

ProtobufError frameTooLarge(std::size_t size, const ProtobufLimits& limits) {
  return {0, "size",
          fmt::format("{} bytes, but a message may have no more than {} (max_message_size_bytes)", size,
                      limits.max_message_size_bytes)};
}

ProtobufResult<JitaasFrameContent> validateJitaasFrame(std::span<const std::byte> frame,
                                                       const ProtobufLimits& limits) {
  if (frame.size() < kJitaasFrameHeaderSize) {
    return refuseSize(fmt::format("{} bytes; expected the {} of a size, and what it says", frame.size(),
                                  kJitaasFrameHeaderSize));
  }
  const auto size = announcedFrameSize(frame, limits);
  if (!size) return std::unexpected(size.error());
  if (*size != frame.size() - kJitaasFrameHeaderSize) {
    return refuseSize(fmt::format("{} bytes, but {} follow", *size, frame.size() - kJitaasFrameHeaderSize));
  }
  MessageWalker walker(frame, limits);
  if (!walker.walkMessage()) return std::unexpected(walker.error());
  return walker.content();
}

}  // namespace jitrig
