#include "protocol/wire/wire_error.h"

#include <fmt/format.h>

#include "protocol/wire/data_descriptor.h"

namespace jitrig {
namespace {

std::string describe(const WireError& e) {
  switch (e.code) {
    case WireErrc::messageTooSmall:
      return fmt::format("{} bytes, but a message has at least {}", e.found, e.expected);
    case WireErrc::messageTooLarge: return fmt::format("{} bytes, the limit is {}", e.found, e.expected);
    case WireErrc::foreignProtocol: return "not a JITServer message";
    case WireErrc::bigEndianPeer:
      return fmt::format(
          "{} makes sense only with its bytes swapped ({}): the peer is big-endian, which is not supported",
          e.found, e.expected);
    case WireErrc::sizeMismatch: return fmt::format("says {} bytes, but there are {}", e.found, e.expected);
    case WireErrc::bodyNotAllowed:
      return fmt::format("{} bytes behind the header of a message type that has no data points", e.found);
    case WireErrc::descriptorPastEnd:
      return fmt::format("{}, but only {} bytes are left", e.found, e.expected);
    case WireErrc::unknownDataType: return fmt::format("{} is none (0 to {} without 7)", e.found, e.expected);
    case WireErrc::paddingTooLarge: return fmt::format("{} bytes, the limit is {}", e.found, e.expected);
    case WireErrc::badDataOffset: return fmt::format("{}, expected 0 or {}", e.found, e.expected);
    case WireErrc::sizeNotAligned: return fmt::format("{} is not a multiple of {}", e.found, e.expected);
    case WireErrc::sizeTooSmall:
      return fmt::format("{} bytes, less than its padding and data offset of {}", e.found, e.expected);
    case WireErrc::payloadLength: return fmt::format("{} bytes, this type has {}", e.found, e.expected);
    case WireErrc::containerWithPadding: return fmt::format("{} bytes, a container has none", e.found);
    case WireErrc::emptyVectorWithData: return fmt::format("{} bytes in an EMPTY_VECTOR", e.found);
    case WireErrc::elementSize:
      return fmt::format("{} does not divide the payload of {} bytes", e.found, e.expected);
    case WireErrc::vectorCount: return "a VECTOR begins with its length as a UINT32";
    case WireErrc::vectorNotFilled: return fmt::format("{}, expected {}", e.found, e.expected);
    case WireErrc::vectorTooLong: return fmt::format("{} elements, the limit is {}", e.found, e.expected);
    case WireErrc::nestingTooDeep:
      return fmt::format("{} containers deep, the limit is {}", e.found, e.expected);
    case WireErrc::trailingBytes: return fmt::format("{} of them", e.found);
    case WireErrc::arityMismatch: return fmt::format("received {}, expected {}", e.found, e.expected);
    case WireErrc::typeMismatch:
      return fmt::format("received {}, expected {}", toString(static_cast<DataType>(e.found)),
                         toString(static_cast<DataType>(e.expected)));
    case WireErrc::objectSizeMismatch:
      return fmt::format("received {} bytes, expected {}", e.found, e.expected);
    case WireErrc::misalignedView: return "not aligned for a view; read a std::vector instead";
  }
  return "unknown error";
}

}  // namespace

std::string_view toString(WireErrc code) {
  switch (code) {
    case WireErrc::messageTooSmall: return "messageTooSmall";
    case WireErrc::messageTooLarge: return "messageTooLarge";
    case WireErrc::foreignProtocol: return "foreignProtocol";
    case WireErrc::bigEndianPeer: return "bigEndianPeer";
    case WireErrc::sizeMismatch: return "sizeMismatch";
    case WireErrc::bodyNotAllowed: return "bodyNotAllowed";
    case WireErrc::descriptorPastEnd: return "descriptorPastEnd";
    case WireErrc::unknownDataType: return "unknownDataType";
    case WireErrc::paddingTooLarge: return "paddingTooLarge";
    case WireErrc::badDataOffset: return "badDataOffset";
    case WireErrc::sizeNotAligned: return "sizeNotAligned";
    case WireErrc::sizeTooSmall: return "sizeTooSmall";
    case WireErrc::payloadLength: return "payloadLength";
    case WireErrc::containerWithPadding: return "containerWithPadding";
    case WireErrc::emptyVectorWithData: return "emptyVectorWithData";
    case WireErrc::elementSize: return "elementSize";
    case WireErrc::vectorCount: return "vectorCount";
    case WireErrc::vectorNotFilled: return "vectorNotFilled";
    case WireErrc::vectorTooLong: return "vectorTooLong";
    case WireErrc::nestingTooDeep: return "nestingTooDeep";
    case WireErrc::trailingBytes: return "trailingBytes";
    case WireErrc::arityMismatch: return "arityMismatch";
    case WireErrc::typeMismatch: return "typeMismatch";
    case WireErrc::objectSizeMismatch: return "objectSizeMismatch";
    case WireErrc::misalignedView: return "misalignedView";
  }
  return "unknown";
}

std::string toString(const WireError& error) {
  std::string text = fmt::format("offset {}: {}: {}", error.offset, error.field, describe(error));
  if (*error.hint != '\0') text += fmt::format("; {}", error.hint);
  return text + fmt::format(" ({})", toString(error.code));
}

}  // namespace jitrig
