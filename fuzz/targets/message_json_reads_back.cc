// Any text is refused with a place in it, or is the JSON of a message that is read back as the same bytes.

#include <string>

#include "fuzz/fuzz_target.h"
#include "fuzz/text_input.h"
#include "protocol/catalogue/catalogue.h"
#include "protocol/catalogue/message_json.h"
#include "protocol/wire/value_json.h"

namespace jitrig::fuzz {
namespace {

std::string jsonOf(const std::vector<Value>& values) {
  std::string json;
  appendJson(json, values);
  return json;
}

const FuzzTarget kTarget("message_json_reads_back", [](InputBytes bytes) {
  static const std::shared_ptr<const MessageTable> kTable = Catalogue::builtIn().defaultTable();
  const std::string_view text = textOf(bytes);
  std::string quoted;
  appendJsonString(quoted, text);
  require(parseValuesJson("[{\"string\":" + quoted + "}]").has_value(),
          "any text is quoted as a string of JSON");
  if (const auto values = parseValuesJson(text))
    requireSameText(jsonOf(*values), jsonOf(parseValuesJson(jsonOf(*values)).value()));
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
