// Any bytes are refused with a place in them and words, or are a message of the older generation, as protobuf
// has it: the same when it is written and read again, by protobuf, from its values, its text and its JSON.

#include <string>

#include "fuzz/fuzz_target.h"
#include "fuzz/protobuf_reference.h"
#include "protocol/jitaas/jitaas_message.h"
#include "protocol/jitaas/jitaas_message_text.h"
#include "protocol/jitaas/tagged_value.h"
#include "protocol/wire/value_text.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("jitaas_message_reencodes", [](InputBytes bytes) {
  requireAsProtobuf(bytes);
  const auto message = JitaasMessage::parse(bytes);
  if (!message) return requireExplained(message.error(), bytes.size());
  requireBeginsAnew(*message);
  requireReadAgain(bytes, *message);
  const auto values = toTaggedValues(message->data());
  const auto again = JitaasMessage::parse(message->serialize());
  require(again && toTaggedValues(again->data()) == values, "what we write is read as what it was");
  requireEqual(again->serialize(), message->serialize(), "what we write is written again as it is");

  JitaasMessage rewritten(message->type(), message->version());  // without the fields that nobody knows
  addTaggedValues(rewritten.data(), values);
  require(toTaggedValues(rewritten.data()) == values, "values that are written are there");
  std::string json;
  appendJson(json, *message, jitaasReleases().front());
  const auto from_json = parseJitaasMessageJson(json, jitaasReleases().front());
  require(from_json.has_value(), "the JSON form is read");
  requireEqual(from_json->serialize(), rewritten.serialize(), "the JSON form is read as what was written");
  const auto from_text = parseValues(toText(withoutTags(values)));
  require(from_text && *from_text == withoutTags(values), "the text form is read as what was written");
});

}  // namespace
}  // namespace jitrig::fuzz
