#include "fuzz/drawn_value.h"

#include <array>
#include <cstdint>
#include <limits>
#include <string>

namespace jitrig::fuzz {
namespace {

/// Often a boundary, otherwise anything.
template <class T>
T drawInteger(FuzzInput& input) {
  constexpr std::array kBoundaries{T{0}, T{1}, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};
  const std::size_t choice = input.below(8);
  return choice < kBoundaries.size() ? kBoundaries[choice] : input.take<T>();
}

/// As many as the length says, whatever the input still has: long payloads of zeros cost no input.
std::vector<std::byte> drawBytes(FuzzInput& input, std::size_t length) {
  const std::span<const std::byte> taken = input.take(length);
  std::vector<std::byte> bytes(taken.begin(), taken.end());
  bytes.resize(length);
  return bytes;
}

std::size_t drawLength(FuzzInput& input) {
  const std::size_t length = input.below(256);
  return length < 252 ? length % 40 : (length - 251) * 199;
}

Value drawString(FuzzInput& input) {
  const std::vector<std::byte> bytes = drawBytes(input, drawLength(input));
  return Value::String{std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size())};
}

/// Values of one kind, of which a real peer would have made a simpler vector.
Value drawUniform(FuzzInput& input) {
  Value::Vector vector;
  const std::size_t size = 1 + input.below(12);
  for (std::size_t count = input.below(5); count > 0; --count) {
    vector.elements.emplace_back(Value::Object{drawBytes(input, size)});
  }
  return vector;
}

Value drawSimpleVector(FuzzInput& input) {
  constexpr std::array<std::uint8_t, 8> kSizes{1, 2, 4, 5, 8, 16, 24, 255};
  const std::uint8_t element_size = kSizes[input.below(kSizes.size())];
  return Value::SimpleVector{element_size, drawBytes(input, element_size * input.below(9))};
}

}  // namespace

Value drawValue(FuzzInput& input, std::size_t depth) {
  switch (input.below(depth == 0 ? 10 : 12)) {
    case 0: return drawInteger<std::int32_t>(input);
    case 1: return drawInteger<std::int64_t>(input);
    case 2: return drawInteger<std::uint32_t>(input);
    case 3: return drawInteger<std::uint64_t>(input);
    case 4: return input.below(2) == 1;
    case 5: return drawString(input);
    case 6: return Value::Object{drawBytes(input, 1 + drawLength(input))};
    case 7: return drawSimpleVector(input);
    case 8: return Value::EmptyVector{};
    case 9: return drawUniform(input);
    case 10: return Value::Vector{drawValues(input, depth - 1, 5)};
    default: return Value::Tuple{drawValues(input, depth - 1, 5)};
  }
}

std::vector<Value> drawValues(FuzzInput& input, std::size_t depth, std::size_t max_count) {
  std::vector<Value> values;
  for (std::size_t count = input.below(max_count + 1); count > 0; --count)
    values.push_back(drawValue(input, depth));
  return values;
}

}  // namespace jitrig::fuzz
