#include "fuzz/reference_message.h"

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace jitrig::fuzz {
namespace {

constexpr std::size_t kHeader = 16;
constexpr std::size_t kDescriptor = 8;

constexpr unsigned kUint32 = 2;
constexpr unsigned kEnum = 7;
constexpr unsigned kVector = 8;
constexpr unsigned kSimpleVector = 9;
constexpr unsigned kEmptyVector = 10;
constexpr unsigned kTuple = 11;

std::size_t byteAt(InputBytes bytes, std::size_t place) {
  return std::to_integer<std::size_t>(bytes[place]);
}

std::uint64_t numberAt(InputBytes bytes, std::size_t place, std::size_t size) {
  std::uint64_t number = 0;
  for (std::size_t i = size; i-- > 0;) number = number << 8U | byteAt(bytes, place + i);
  return number;
}

/// Of the types that have one; 0 for others.
std::size_t fixedSize(std::size_t type) {
  constexpr std::size_t kSizes[] = {4, 8, 4, 8, 1};
  return type < std::size(kSizes) ? kSizes[type] : 0;
}

class Rules {
 public:
  Rules(InputBytes bytes, const WireLimits& limits) : bytes_(bytes), limits_(limits) {}

  /// From `place` to `end` nothing but data points; so many, unless it is a tuple.
  bool arePoints(std::size_t place, std::size_t end, bool counted, std::uint64_t count, std::size_t depth) {
    while (place != end) {
      if (counted && count-- == 0) return false;
      if (!isPoint(place, end, depth)) return false;
      place += kDescriptor + sizeAt(place);
    }
    return !counted || count == 0;
  }

 private:
  std::size_t sizeAt(std::size_t place) const { return numberAt(bytes_, place + 4, 4); }

  bool isPoint(std::size_t place, std::size_t end, std::size_t depth) {
    if (end - place < kDescriptor) return false;
    const std::size_t type = byteAt(bytes_, place);
    const std::size_t padding = byteAt(bytes_, place + 1);
    const std::size_t filler = byteAt(bytes_, place + 2);
    const std::size_t size = sizeAt(place);
    if (type > kTuple || type == kEnum || padding > 3 || (filler != 0 && filler != 4)) return false;
    if (size % 4 != 0 || size > end - place - kDescriptor || size < padding + filler) return false;
    const std::size_t payload = size - padding - filler;
    if (fixedSize(type) != 0) return payload == fixedSize(type);
    switch (type) {
      case kSimpleVector: return areElements(payload, byteAt(bytes_, place + 3));
      case kEmptyVector: return payload == 0 && padding == 0 && filler == 0;
      case kVector:
      case kTuple: return padding == 0 && filler == 0 && isContainer(place, type, depth);
      default: return true;
    }
  }

  bool areElements(std::size_t payload, std::size_t element) const {
    return element != 0 && payload % element == 0 && payload / element <= limits_.max_vector_length;
  }

  bool isContainer(std::size_t place, std::size_t type, std::size_t depth) {
    if (depth == limits_.max_nesting) return false;
    const std::size_t begin = place + kDescriptor;
    const std::size_t end = begin + sizeAt(place);
    if (type == kTuple) return arePoints(begin, end, false, 0, depth + 1);
    if (!isPoint(begin, end, depth + 1) || byteAt(bytes_, begin) != kUint32) return false;
    const std::size_t elements = begin + kDescriptor + sizeAt(begin);
    const std::uint64_t count = numberAt(bytes_, elements - 4, 4);
    return count <= limits_.max_vector_length && arePoints(elements, end, true, count, depth + 1);
  }

  InputBytes bytes_;
  const WireLimits& limits_;
};

}  // namespace

bool isMessageByTheRules(InputBytes bytes, const ParseOptions& options) {
  if (bytes.size() < kHeader || numberAt(bytes, 0, 4) != bytes.size() || bytes.size() % 4 != 0 ||
      bytes.size() > options.limits.max_message_size_bytes)
    return false;
  const auto type = static_cast<std::int32_t>(numberAt(bytes, 12, 2));
  for (const std::int32_t bodyless : options.bodyless.numbers) {
    if (type == bodyless) return bytes.size() == kHeader;
  }
  return Rules(bytes, options.limits).arePoints(kHeader, bytes.size(), true, numberAt(bytes, 14, 2), 0);
}

std::size_t announcedByTheRules(InputBytes begin) {
  return begin.size() < 4 ? 0 : numberAt(begin, 0, 4);
}

bool mayBeginMessage(InputBytes begin, const WireLimits& limits) {
  if (begin.size() < 4) return true;
  const std::uint64_t size = numberAt(begin, 0, 4);
  if (size < kHeader || size % 4 != 0 || size > limits.max_message_size_bytes) return false;
  // The version is the second word: major, minor, and two bytes more, of which the last one, the first to
  // come, is 0. With 1 there, and 0 for the major number, it stands the wrong way round.
  return begin.size() < 8 || byteAt(begin, 4) != 1 || byteAt(begin, 7) != 0;
}

}  // namespace jitrig::fuzz
