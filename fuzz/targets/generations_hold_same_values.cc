// What the older generation brings of values drawn from the bytes, the newer one brings as well, and the
// older one again: vectors aside, both say the same of it. None is lost.

#include <vector>

#include "fuzz/drawn_value.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/message_forms.h"
#include "fuzz/tagged_by_kind.h"
#include "protocol/jitaas/jitaas_message.h"

namespace jitrig::fuzz {
namespace {

std::vector<Value> broughtByOlder(const std::vector<Value>& values) {
  JitaasMessage message(100);
  addTaggedValues(message.data(), TaggedByKind::all(values));
  const auto read = JitaasMessage::parse(message.serialize());
  return withoutTags(toTaggedValues(read.value().data()));
}

std::vector<Value> broughtByNewer(const std::vector<Value>& values) {
  Message message(100);
  addValues(message, values);
  return toValues(Message::parse(message.serialize(), options()).value());
}

const FuzzTarget kTarget("generations_hold_same_values", [](InputBytes bytes) {
  FuzzInput input(bytes);
  const std::vector<Value> drawn = drawValues(input, 4, 12);
  const std::vector<Value> older = broughtByOlder(drawn);
  require(older.size() == drawn.size() && broughtByNewer(drawn).size() == drawn.size(), "none is lost");
  require(broughtByOlder(broughtByNewer(older)) == older, "both generations bring the same values");
  for (std::size_t at = 0; at < drawn.size(); ++at)
    require(drawn[at].type() >= DataType::OBJECT || older[at] == drawn[at], "a plain value arrives as it is");
});

}  // namespace
}  // namespace jitrig::fuzz
