// A message whose data points were changed, moved, nested or lied about (by the mutator of
// fuzz/message_edits.h) is refused where the specification refuses it, or is the same in every form: as
// bytes, values, text and JSON.

#include <algorithm>
#include <string>

#include "fuzz/fuzz_target.h"
#include "fuzz/message_forms.h"
#include "protocol/wire/hex.h"
#include "protocol/wire/value_json.h"
#include "protocol/wire/value_text.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("edited_message_is_handled", [](InputBytes bytes) {
  requireByTheRules(bytes, options());
  requireByTheRules(bytes, narrowOptions());
  const auto message = Message::parse(bytes, options());
  if (!message) {
    require(toString(message.error()).starts_with("offset "), "an error has words that begin with the place");
    return requireExplained(message.error(), bytes.size());
  }
  requireFixedPoint(*message);
  requireCopies(*message);
  require(std::ranges::equal(parseHex(toHex(bytes)).value(), bytes), "hexadecimal digits are the same bytes");
  const std::vector<Value> values = toValues(*message);
  const auto from_text = parseValues(toText(values));
  require(from_text && *from_text == values, "the text form is read as what was written");
  std::string json;
  appendJson(json, values);
  const auto from_json = parseValuesJson(json);
  require(from_json && *from_json == values, "the JSON form is read as what was written");
});

}  // namespace
}  // namespace jitrig::fuzz
