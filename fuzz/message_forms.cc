#include "fuzz/message_forms.h"

#include "fuzz/reference_message.h"
#include "protocol/wire/message_validation.h"
#include "protocol/wire/value.h"
#include "protocol/wire/wire_testing.h"

namespace jitrig::fuzz {
namespace {

bool lies(InputBytes inner, InputBytes outer) {
  return inner.data() >= outer.data() && inner.data() + inner.size() <= outer.data() + outer.size();
}

void requireInBounds(const DataPointRange& points, InputBytes around) {
  for (const DataPoint point : points) {
    const std::span<const std::byte> payload = point.payload();
    require(lies(payload, around), "a payload lies in what its data point is in");
    if (point.descriptor().isContainer()) requireInBounds(point.elements(), payload);
  }
}

void writePoints(const DataPointRange& points, Message& written) {
  for (const DataPoint point : points) {
    if (!point.descriptor().isContainer()) {
      written.addDataPoint(point.type(), point.payload(), point.descriptor().element_size);
      continue;
    }
    const std::size_t container =
        point.type() == DataType::TUPLE ? written.openTuple() : written.openVector(point.vectorCount());
    writePoints(point.elements(), written);
    written.closeContainer(container);
  }
}

}  // namespace

void requireByTheRules(InputBytes bytes, const ParseOptions& options) {
  const bool is_message = isMessageByTheRules(bytes, options);
  require(MessageView::parse(bytes, options).has_value() == is_message, "a message is what the rules say");
  require(validateMessage(bytes, options).has_value() == is_message, "validation says what the rules say");
}

Message reencoded(MessageView message) {
  Message written(message.type());
  written.setVersion(message.version(), message.config());
  addValues(written, toValues(message));
  return written;
}

void requireInBounds(MessageView message) {
  requireInBounds(message.dataPoints(), message.bytes());
}

void requireReencodes(MessageView message) {
  if (!testing::notCanonical(message).empty()) return requireFixedPoint(message);
  static Message written;  // its storage serves again
  written.start(message.type(), message.version(), message.config());
  writePoints(message.dataPoints(), written);
  // A body-less message has a stale count, which we write as 0.
  const std::size_t skipped = message.size() == MessageView::kHeaderSize ? 2 : 0;
  const std::size_t compared = message.size() - skipped;
  requireEqual(written.serialize().first(compared), message.bytes().first(compared),
               "a canonical message is written as it was read");
}

void requireFixedPoint(MessageView message) {
  const Message first = reencoded(message);
  if (testing::notCanonical(message).empty() && message.size() > MessageView::kHeaderSize) {
    requireEqual(first.serialize(), message.bytes(), "a canonical message is written as it was read");
  }
  const auto again = MessageView::parse(first.serialize(), options());
  require(again.has_value(), "what we write is a message");
  requireEqual(reencoded(*again).serialize(), first.serialize(), "what we write is written again as it is");
}

void requireCopies(const Message& message) {
  const std::vector<std::byte> bytes(message.serialize().begin(), message.serialize().end());
  const std::uint16_t type = message.type();
  const auto other_type = static_cast<std::uint16_t>(type ^ 1U);
  Message copy = message.copy();
  copy.setType(other_type);
  require(copy.type() == other_type, "a message has the type that it is given");
  requireEqual(message.serialize(), bytes, "what happens to a copy does not happen to the message");
  copy.setType(type);
  requireEqual(copy.serialize(), bytes, "a copy is the same bytes");
}

void requireLimited(MessageView message) {
  const auto read = MessageView::parse(message.bytes(), narrowOptions());
  require(
      read || read.error().code == WireErrc::vectorTooLong || read.error().code == WireErrc::nestingTooDeep,
      "what is a message is refused for a limit only");
}

void requireExplained(const WireError& error, std::size_t size) {
  require(error.offset <= size && *error.field != '\0', "an error names a field and a place in the message");
}

}  // namespace jitrig::fuzz
