#include "protocol/wire/random_values.h"

#include <array>
#include <limits>
#include <string>
#include <utility>

namespace jitrig::testing {
namespace {

/// Often a boundary, otherwise anything.
template <class T>
T randomInteger(SplitMix& random) {
  constexpr std::array kBoundaries{T{0}, T{1}, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
  if (random.below(3) == 0) return kBoundaries[random.below(kBoundaries.size())];
  return static_cast<T>(random.next());
}

/// Mostly short, so that every padding and alignment occurs; now and then longer than a buffer's first size.
std::size_t randomLength(SplitMix& random) {
  return random.below(20) == 0 ? random.below(3000) : random.below(24);
}

Bytes randomBytes(SplitMix& random, std::size_t length) {
  Bytes bytes(length);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random.next());
  return bytes;
}

std::string randomText(SplitMix& random) {
  constexpr std::array<const char*, 12> kPieces{"a",    "\"",       "\\",       "java/lang/String",
                                                "\n",   "\x7f",     "é",        "\xf0\x9f\x98\x80",
                                                "\xff", "\xc2\x85", "\xed\xa0", "%s"};
  std::string text;
  for (std::size_t pieces = random.below(6); pieces > 0; --pieces)
    text += kPieces[random.below(kPieces.size())];
  if (random.below(4) == 0) text += '\0';
  return text;
}

Value::SimpleVector randomSimpleVector(SplitMix& random) {
  constexpr std::array<std::uint8_t, 10> kSizes{1, 2, 3, 4, 5, 8, 16, 24, 254, 255};
  const std::uint8_t element_size = kSizes[random.below(kSizes.size())];
  return {element_size, randomBytes(random, element_size * random.below(9))};
}

/// Sometimes of one type and size, as a vector of simple elements would be.
Value::Vector randomVector(SplitMix& random, std::size_t depth) {
  if (random.below(3) != 0) return {randomValues(random, depth, 4)};
  Value::Vector vector;
  const std::size_t size = random.below(10);
  for (std::size_t count = random.below(5); count > 0; --count) {
    vector.elements.emplace_back(Value::Object{randomBytes(random, size)});
  }
  return vector;
}

}  // namespace

Value randomValue(SplitMix& random, std::size_t depth) {
  switch (random.below(depth == 0 ? 9 : 11)) {
    case 0: return randomInteger<std::int32_t>(random);
    case 1: return randomInteger<std::int64_t>(random);
    case 2: return randomInteger<std::uint32_t>(random);
    case 3: return randomInteger<std::uint64_t>(random);
    case 4: return random.below(2) == 1;
    case 5: return Value::String{randomText(random)};
    case 6: return Value::Object{randomBytes(random, randomLength(random))};
    case 7: return randomSimpleVector(random);
    case 8: return Value::EmptyVector{};
    case 9: return randomVector(random, depth - 1);
    default: return Value::Tuple{randomValues(random, depth - 1, 4)};
  }
}

std::vector<Value> randomValues(SplitMix& random, std::size_t depth, std::size_t max_count) {
  std::vector<Value> values;
  for (std::size_t count = random.below(max_count + 1); count > 0; --count) {
    values.push_back(randomValue(random, depth));
  }
  return values;
}

}  // namespace jitrig::testing
