// Values drawn from the bytes are a message that has those values, and a text and a JSON that are read as the
// same.

#include <string>

#include "fuzz/drawn_value.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/message_forms.h"
#include "protocol/wire/value_json.h"
#include "protocol/wire/value_text.h"
#include "protocol/wire/wire_testing.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("values_round_trip", [](InputBytes bytes) {
  FuzzInput input(bytes);
  const std::vector<Value> values = drawValues(input, 4, 12);
  Message message(100);
  addValues(message, values);
  require(testing::notCanonical(message).empty(), "what we write is canonical");
  const auto parsed = Message::parse(message.serialize(), options());
  require(parsed.has_value(), "what we write is a message");
  requireFixedPoint(*parsed);
  requireLimited(*parsed);

  const auto from_text = parseValues(toText(values));
  require(from_text && *from_text == values, "the text form is read as what was written");
  std::string json;
  appendJson(json, values);
  const auto from_json = parseValuesJson(json);
  require(from_json && *from_json == values, "the JSON form is read as what was written");
  for (const Value& value : values) {
    require(parseValue(toText(value)).value() == value, "the text form of one value is that value");
    require(toString(value.type()) != "unknown" && json.contains(toJson(value)), "a value has forms");
  }
});

}  // namespace
}  // namespace jitrig::fuzz
