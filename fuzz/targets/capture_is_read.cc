// The bytes of a capture file are refused in words, or are connections whose streams have a beginning and an
// order, and messages that are whole.

#include <string>

#include "capture/capture_file.h"
#include "capture/conversation.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/stream_order.h"
#include "protocol/catalogue/catalogue.h"
#include "protocol/wire/value.h"

namespace jitrig::fuzz {
namespace {

constexpr CaptureLimits kLimits{.max_connections = 16,
                                .max_buffered_out_of_order_bytes = 2048,
                                .max_held_start_bytes = 512,
                                .max_stream_bytes = 1U << 20U};

const FuzzTarget kTarget("capture_is_read", [](InputBytes bytes) {
  const auto file = readCapture(bytes, "fuzz.pcap", kLimits);
  if (!file) return require(file.error().starts_with("fuzz.pcap: "), "an error begins with the file's name");
  for (const CapturedConnection& connection : file->connections) requireOrder(connection);
  const auto table = Catalogue::builtIn().defaultTable();
  const Conversation conversation = conversationFromCapture(*file, *table);
  for (const ConversationMessage& message : conversation.messages) {
    require(message.connection < file->connections.size(), "a message is of a connection that is there");
    const auto again =
        Message::parse(message.message.serialize(), {.limits = {}, .bodyless = table->bodylessTypes()});
    require(again.has_value(), "a message of a conversation is a message");
  }
  for (const std::string& warning : allWarnings(conversation))
    require(!warning.empty(), "a warning has words");
});

}  // namespace
}  // namespace jitrig::fuzz
