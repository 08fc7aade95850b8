// The bytes of a capture file are refused in words, or are streams with a beginning and an order, and
// messages that are whole: of either generation.

#include "capture/capture_file.h"
#include "capture/conversation.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/older_dialect.h"
#include "fuzz/stream_order.h"

namespace jitrig::fuzz {
namespace {

constexpr CaptureLimits kLimits{.max_connections = 16,
                                .max_buffered_out_of_order_bytes = 2048,
                                .max_held_start_bytes = 512,
                                .max_stream_bytes = 3072};

void read(const CaptureFile& file, const Dialect& dialect) {
  const Conversation conversation = conversationFromCapture(file, dialect);
  // A frame of the older generation may have values whatever its type.
  const ParseOptions options{.limits = {}, .bodyless = dialect.format ? BodylessTypes{} : dialect.bodyless};
  for (const ConversationMessage& message : conversation.messages) {
    require(message.connection < file.connections.size(), "a message is of a connection that is there");
    require(Message::parse(message.message.serialize(), options).has_value(), "it is whole");
  }
  for (const auto& each : allWarnings(conversation)) require(!each.empty(), "a warning has words");
}

const FuzzTarget kTarget("capture_is_read", [](InputBytes bytes) {
  const auto file = readCapture(bytes, "fuzz.pcap", kLimits);
  if (!file) return require(file.error().starts_with("fuzz.pcap: "), "an error begins with the file's name");
  for (const CapturedConnection& connection : file->connections) requireOrder(connection);
  static const std::shared_ptr<const Dialect> kOlder = olderDialect();
  read(*file, *defaultDialect());
  if (kOlder) read(*file, *kOlder);
});

}  // namespace
}  // namespace jitrig::fuzz
