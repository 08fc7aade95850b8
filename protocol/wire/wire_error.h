#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace jitrig {

/// Everything that can be wrong with bytes, or with what a reader expected of them (spec: wire.md,
/// "Canonical and not" and "What a hostile or broken peer can send").
enum class WireErrc {
  // The frame.
  messageTooSmall,  ///< the size field says less than the 16 bytes of a header
  messageTooLarge,  ///< the size field is beyond max_message_size_bytes
  foreignProtocol,  ///< the first bytes belong to HTTP, TLS, a PROXY header, …; see WireError::hint
  bigEndianPeer,    ///< the size makes sense only with its bytes swapped
  sizeMismatch,     ///< the size field differs from the number of bytes given
  bodyNotAllowed,   ///< compilationInterrupted or connectionTerminate with data points
  // The descriptors.
  descriptorPastEnd,     ///< a descriptor, or the size it announces, ends behind its parent
  unknownDataType,       ///< type 7 or beyond 11
  paddingTooLarge,       ///< more than 3 bytes of padding
  badDataOffset,         ///< a data offset other than 0 and 4
  sizeNotAligned,        ///< a size that is not a multiple of 4
  sizeTooSmall,          ///< a size smaller than padding and data offset together
  payloadLength,         ///< a fixed-size type with another payload length
  containerWithPadding,  ///< a container with padding or data offset
  emptyVectorWithData,   ///< EMPTY_VECTOR with a size
  elementSize,           ///< SIMPLE_VECTOR whose element size is 0 or does not divide its payload
  vectorCount,           ///< VECTOR that does not begin with a UINT32 count
  vectorNotFilled,       ///< VECTOR whose elements do not fill it exactly
  vectorTooLong,         ///< beyond max_vector_length
  nestingTooDeep,        ///< beyond max_nesting
  trailingBytes,         ///< bytes after the last data point
  // What a reader asked for (GetArgsRaw).
  arityMismatch,       ///< another number of data points
  typeMismatch,        ///< another wire type; found and expected are DataTypes
  objectSizeMismatch,  ///< the right wire type, but another size than the C++ type's
  misalignedView,      ///< the data cannot be viewed in place; read a std::vector instead
};

/// The code's name as in the enumeration, "messageTooSmall" for instance.
std::string_view toString(WireErrc code);

/// A small value without allocation, so that hostile input costs nothing; its text is made when it is asked
/// for. `offset` counts from the start of the message; `found` and `expected` are in the unit of the code.
struct WireError {
  WireErrc code;
  std::uint64_t offset = 0;
  const char* field = "";  ///< the field at that offset, "size" or "data point count" for instance
  std::uint64_t found = 0;
  std::uint64_t expected = 0;  ///< the limit, or what would have been right
  const char* hint = "";       ///< further words; "" if there are none
};

/// "offset 24: size: 4294967280 bytes, but only 8 are left (descriptorPastEnd)".
std::string toString(const WireError& error);

/// What the bytes hold, or what is wrong with them.
template <class T>
using Expected = std::expected<T, WireError>;

}  // namespace jitrig
