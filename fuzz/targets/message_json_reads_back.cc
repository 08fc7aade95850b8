// Any text is refused with a place in it, or is the JSON of a message that is read back as the same bytes.

#include <memory>

#include "fuzz/fuzz_target.h"
#include "fuzz/text_input.h"
#include "protocol/catalogue/catalogue.h"
#include "protocol/catalogue/message_json.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("message_json_reads_back", [](InputBytes bytes) {
  static const std::shared_ptr<const MessageTable> kTable = Catalogue::builtIn().defaultTable();
  const std::string_view text = textOf(bytes);
  const auto message = parseMessageJson(text, *kTable);
  if (!message) {
    return require(message.error().offset <= text.size() && !message.error().message.empty(),
                   "an error has a place");
  }
  const auto again = parseMessageJson(toJson(*message, *kTable), *kTable);
  require(again.has_value(), "what we write is read");
  requireEqual(again->serialize(), message->serialize(), "what we write is read as the same message");
});

}  // namespace
}  // namespace jitrig::fuzz
