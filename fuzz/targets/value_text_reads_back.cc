// Any text is refused with a place in it, or is the text form of values that is read back as the same values.

#include "fuzz/fuzz_target.h"
#include "fuzz/text_input.h"
#include "protocol/wire/value_text.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("value_text_reads_back", [](InputBytes bytes) {
  const std::string_view text = textOf(bytes);
  const auto values = parseValues(text);
  require(!parseValue(text) || values, "the text of a value is that of values");
  if (!values) {
    return require(values.error().offset <= text.size() && toString(values.error()).starts_with("offset "),
                   "an error has a place and words");
  }
  const auto again = parseValues(toText(*values));
  require(again && *again == *values, "what we write is read as the same values");
  Message message(100);
  addValues(message, *values);
  require(MessageView::parse(message.serialize(), {}).has_value(), "what the text form can say is a message");
});

}  // namespace
}  // namespace jitrig::fuzz
