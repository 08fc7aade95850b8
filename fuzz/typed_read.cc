#include "fuzz/typed_read.h"

#include <vector>

#include "protocol/wire/value.h"

namespace jitrig::fuzz {
namespace {

bool same(const Expected<void>& one, const Expected<void>& other) {
  if (one && other) return true;
  return !one && !other && one.error().code == other.error().code &&
         one.error().offset == other.error().offset;
}

/// What is written into a container, and behind other values, are the values that are written first.
void requireSameTwice(const TypedRead& typed) {
  const auto once = toValues(MessageView::parse(typed.written.serialize(), {}).value());
  std::vector<Value> expected{Value::Tuple{{Value::Tuple{once}}}};
  expected.insert(expected.end(), once.begin(), once.end());
  require(toValues(MessageView::parse(typed.twice.serialize(), {}).value()) == expected,
          "values are written alike in a tuple and behind it");
}

}  // namespace

void requireTypedRead(const TypedRead& typed, const Expected<Message>& canonical, InputBytes bytes) {
  if (!canonical) {
    require(!typed.from_bytes && typed.from_bytes.error().code == canonical.error().code,
            "what validation refuses is refused by a typed read for the same reason");
    return;
  }
  require(same(typed.read, typed.step_by_step), "both ways to read accept and refuse the same");
  require(same(typed.read, typed.from_bytes), "reading from bytes accepts and refuses the same");
  if (typed.read) requireSameTwice(typed);
  if (typed.read && typed.has_void) {
    require(typed.written.size() == canonical->size(), "what was read is as long as what was sent");
    return;
  }
  if (typed.read) {
    requireEqual(typed.written.serialize(), canonical->serialize(), "what was read is what was sent");
    return;
  }
  const WireError& error = typed.read.error();
  require(error.code >= WireErrc::arityMismatch, "a valid message is refused for its types only");
  require(error.offset < bytes.size(), "a mismatch has a place in the message");
  // Words take longer than reading.
  constexpr std::size_t kSmall = 64;
  if (bytes.size() > kSmall) return;
  require(toString(error).starts_with("offset ") && toString(error.code) != "unknown",
          "a mismatch has words");
}

}  // namespace jitrig::fuzz
