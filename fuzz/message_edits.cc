#include "fuzz/message_edits.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "fuzz/drawn_value.h"
#include "fuzz/fuzz_input.h"
#include "fuzz/message_forms.h"
#include "protocol/wire/value.h"
#include "protocol/wire/wire_testing.h"

namespace jitrig::fuzz {
namespace {

using testing::SplitMix;

std::span<const Value> elementsOf(const Value& value) {
  if (const auto* vector = value.get<Value::Vector>()) return vector->elements;
  if (const auto* tuple = value.get<Value::Tuple>()) return tuple->elements;
  return {};
}

Value withElements(const Value& container, std::vector<Value> elements) {
  if (container.get<Value::Vector>() != nullptr) return Value::Vector{std::move(elements)};
  return Value::Tuple{std::move(elements)};
}

std::size_t countOf(std::span<const Value> values) {
  std::size_t count = values.size();
  for (const Value& value : values) count += countOf(elementsOf(value));
  return count;
}

template <class Bytes>
void changeBytes(Bytes& bytes, SplitMix& random) {
  using Byte = Bytes::value_type;
  if (bytes.empty() || random.below(4) == 0) {
    bytes.insert(bytes.end(), 1 + random.below(9), static_cast<Byte>(random.next()));
  } else if (random.below(4) == 0) {
    bytes.resize(random.below(bytes.size()) + 1);
  } else {
    bytes[random.below(bytes.size())] = static_cast<Byte>(random.next());
  }
}

/// The same type with another content, where it has one.
Value changed(const Value& value, SplitMix& random) {
  return std::visit(
      [&](auto data) -> Value {
        using Data = decltype(data);
        if constexpr (std::is_same_v<Data, bool>) {
          return !data;
        } else if constexpr (std::is_integral_v<Data>) {
          return static_cast<Data>(random.below(2) == 0 ? random.next()
                                                        : static_cast<std::uint64_t>(data) + 1);
        } else if constexpr (std::is_same_v<Data, Value::String> || std::is_same_v<Data, Value::Object>) {
          changeBytes(data.bytes, random);
        } else if constexpr (std::is_same_v<Data, Value::SimpleVector>) {
          data.bytes.insert(data.bytes.end(), data.element_size, std::byte{1});
        }
        return data;
      },
      value.data());
}

Value drawn(SplitMix& random) {
  std::array<std::uint64_t, 16> bytes{};
  for (std::uint64_t& word : bytes) word = random.next();
  FuzzInput input(std::as_bytes(std::span(bytes)));
  return drawValue(input, 3);
}

/// One edit at the value with that number, counted from the front with nested ones.
class Edit {
 public:
  Edit(std::size_t target, SplitMix& random) : remaining_(target), random_(random) {}

  std::vector<Value> apply(std::span<const Value> values) {
    std::vector<Value> edited;
    for (std::size_t i = 0; i < values.size(); ++i) {
      const bool is_target = remaining_ == 0;
      --remaining_;  // far beyond every number once it was 0
      if (is_target) {
        i += editAt(values.subspan(i), edited);
      } else if (const std::span<const Value> inner = elementsOf(values[i]); !inner.empty()) {
        edited.push_back(withElements(values[i], apply(inner)));
      } else {
        edited.push_back(values[i]);
      }
    }
    return edited;
  }

 private:
  /// How many of the following values it has taken along.
  std::size_t editAt(std::span<const Value> values, std::vector<Value>& out) {
    const Value& value = values.front();
    switch (random_.below(9)) {
      case 0:
      case 1: out.push_back(changed(value, random_)); break;
      case 2: out.push_back(drawn(random_)); break;
      case 3: out.insert(out.end(), 2, value); break;
      case 4: break;
      case 5: out.emplace_back(Value::Tuple{{value}}); break;
      case 6: out.emplace_back(Value::Vector{{value, value}}); break;
      case 7: {
        const std::span<const Value> inner = elementsOf(value);
        out.insert(out.end(), inner.begin(), inner.end());
        break;
      }
      default:
        if (values.size() > 1) out.push_back(values[1]);
        out.push_back(value);
        return values.size() > 1 ? 1 : 0;
    }
    return 0;
  }

  std::size_t remaining_;
  SplitMix& random_;
};

void collectOffsets(const DataPointRange& points, std::vector<std::size_t>& offsets) {
  for (const DataPoint point : points) {
    offsets.push_back(point.offset());
    if (point.descriptor().isContainer()) collectOffsets(point.elements(), offsets);
  }
}

template <class T>
void add(std::vector<std::byte>& bytes, std::size_t offset, T amount) {
  T value{};
  std::memcpy(&value, bytes.data() + offset, sizeof value);
  value = static_cast<T>(value + amount);
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

/// Two lies that agree: the data point behind one begins some bytes earlier, and is longer by them.
void moveBorder(std::vector<std::byte>& bytes, std::span<const std::size_t> descriptors, SplitMix& random) {
  const auto size_at = [&bytes](std::size_t descriptor) {
    std::uint32_t size = 0;
    std::memcpy(&size, bytes.data() + descriptor + 4, sizeof size);
    return size;
  };
  const std::size_t before = descriptors[random.below(descriptors.size())];
  const std::size_t behind = before + sizeof(DataDescriptor) + size_at(before);
  const auto count = static_cast<std::uint32_t>(1 + random.below(4));
  if (size_at(before) < count || !std::ranges::binary_search(descriptors, behind)) return;
  const auto place = bytes.begin() + static_cast<std::ptrdiff_t>(behind);
  std::rotate(place - count, place,
              place + static_cast<std::ptrdiff_t>(sizeof(DataDescriptor) + size_at(behind)));
  add(bytes, before + 4, 0 - count);
  add(bytes, behind - count + 4, count);
}

void lie(std::vector<std::byte>& bytes, std::span<const std::size_t> descriptors, SplitMix& random) {
  constexpr std::array<std::uint32_t, 8> kAmounts{
      4, 0xffff'fffcU, 8, 0xffff'fff8U, 1, 0xffff'ffffU, 0x7fff'fffcU, 64};
  const std::uint32_t amount = kAmounts[random.below(kAmounts.size())];
  if (descriptors.empty() || random.below(6) == 0) return add(bytes, 14, static_cast<std::uint16_t>(amount));
  const std::size_t descriptor = descriptors[random.below(descriptors.size())];
  switch (random.below(7)) {
    case 0: bytes[descriptor] = static_cast<std::byte>(random.below(13)); break;
    case 1: bytes[descriptor + 1] = static_cast<std::byte>(random.below(5)); break;
    case 2: bytes[descriptor + 2] = static_cast<std::byte>(random.below(3) * 4); break;
    case 3: bytes[descriptor + 3] = static_cast<std::byte>(random.next()); break;
    case 4: moveBorder(bytes, descriptors, random); break;
    default: add(bytes, descriptor + 4, amount);
  }
}

}  // namespace

std::vector<std::byte> editedMessage(MessageView message, std::uint64_t seed) {
  SplitMix random(seed);
  std::vector<Value> values = toValues(message);
  for (std::size_t edits = 1 + random.below(3); edits > 0; --edits) {
    const std::size_t count = countOf(values);
    values = count == 0 ? std::vector{drawn(random)} : Edit(random.below(count), random).apply(values);
  }
  Message edited(message.type());
  edited.setVersion(message.version(), message.config());
  addValues(edited, values);
  std::vector<std::byte> bytes(edited.serialize().begin(), edited.serialize().end());
  if (random.below(4) == 0) {
    std::vector<std::size_t> descriptors;
    collectOffsets(edited.dataPoints(), descriptors);
    lie(bytes, descriptors, random);
  }
  return bytes;
}

std::vector<std::byte> editedStream(std::span<const std::byte> stream, std::size_t offset,
                                    std::uint64_t seed) {
  std::vector<std::pair<std::size_t, std::size_t>> messages;  // where, and how long
  while (stream.size() >= offset + MessageView::kHeaderSize) {
    std::uint32_t size = 0;
    std::memcpy(&size, stream.data() + offset, sizeof size);
    if (size > stream.size() - offset || size < MessageView::kHeaderSize) break;
    if (MessageView::parse(stream.subspan(offset, size), options())) messages.emplace_back(offset, size);
    offset += size;
  }
  if (messages.empty()) return {};
  const auto [where, size] = messages[seed % messages.size()];
  const auto edited = editedMessage(MessageView::parse(stream.subspan(where, size), options()).value(), seed);
  std::vector<std::byte> result(stream.begin(), stream.begin() + static_cast<std::ptrdiff_t>(where));
  result.insert(result.end(), edited.begin(), edited.end());
  const std::span<const std::byte> rest = stream.subspan(where + size);
  result.insert(result.end(), rest.begin(), rest.end());
  return result;
}

}  // namespace jitrig::fuzz
