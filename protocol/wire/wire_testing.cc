#include "protocol/wire/wire_testing.h"

#include <algorithm>

namespace jitrig::testing {
namespace {

bool allZero(std::span<const std::byte> bytes) {
  return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

bool isInteger(DataType type) {
  return type == DataType::INT32 || type == DataType::UINT32 || type == DataType::INT64 ||
         type == DataType::UINT64;
}

/// Whether a real peer would have sent these elements as EMPTY_VECTOR or SIMPLE_VECTOR.
bool hasSimplerForm(const DataPoint& vector) {
  if (vector.vectorCount() == 0) return true;
  const DataPoint first = *vector.elements().begin();
  const std::size_t size = first.payload().size();
  const bool simple =
      isInteger(first.type()) || (first.type() == DataType::OBJECT && size >= 1 && size <= 255);
  return simple && std::ranges::all_of(vector.elements(), [&](const DataPoint& element) {
           return element.type() == first.type() && element.payload().size() == size;
         });
}

std::string notCanonical(MessageView message, const DataPoint& point);

std::string notCanonical(MessageView message, const DataPointRange& points) {
  for (const DataPoint point : points) {
    if (std::string words = notCanonical(message, point); !words.empty()) return words;
  }
  return {};
}

std::string notCanonical(MessageView message, const DataPoint& point) {
  const DataDescriptor& d = point.descriptor();
  const auto say = [&](const std::string& words) {
    return std::string(toString(d.type)) + " at offset " + std::to_string(point.offset()) + ": " + words;
  };
  const std::span<const std::byte> bytes = message.bytes();
  const std::size_t body = point.offset() + sizeof(DataDescriptor);
  const std::size_t payload_end = point.payloadOffset() + d.payloadSize();

  const std::uint32_t subject = d.type == DataType::SIMPLE_VECTOR ? d.element_size : d.payloadSize();
  const bool filler = needsAlignment8(d.type, subject) && body % 8 != 0;
  if (d.data_offset != (filler ? 4 : 0)) return say("data offset " + std::to_string(d.data_offset));
  if (needsAlignment8(d.type, subject) && point.payloadOffset() % 8 != 0) return say("payload not aligned");
  if (d.type != DataType::SIMPLE_VECTOR && d.element_size != 0) return say("an element size");
  if (d.type == DataType::SIMPLE_VECTOR && d.payloadSize() == 0) return say("no elements");
  if ((point.payload().size() + d.padding) % 4 != 0 || point.nextOffset() % 4 != 0)
    return say("not padded to 4");
  if (!allZero(bytes.subspan(body, d.data_offset))) return say("filler is not zero");
  if (!allZero(bytes.subspan(payload_end, d.padding))) return say("padding is not zero");
  if (d.type == DataType::BOOL && point.payload()[0] > std::byte{1}) return say("neither true nor false");
  if (d.type == DataType::VECTOR && bytes[body + 3] != std::byte{0})
    return say("an element size of its count");
  if (d.type == DataType::VECTOR && hasSimplerForm(point)) return say("has a simpler form");
  return d.isContainer() ? notCanonical(message, point.elements()) : std::string();
}

}  // namespace

std::string notCanonical(MessageView message) {
  return notCanonical(message, message.dataPoints());
}

}  // namespace jitrig::testing
