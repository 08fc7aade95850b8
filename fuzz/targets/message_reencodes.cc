// Any bytes are refused with a place in them, or are a message, as the specification has it: all that it says
// of itself lies within the bytes, and our own encoding of it is the message (of a canonical one), or a fixed
// point (of others).

#include "fuzz/fuzz_target.h"
#include "fuzz/message_forms.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("message_reencodes", [](InputBytes bytes) {
  requireByTheRules(bytes, options());
  const auto view = MessageView::parse(bytes, options());
  if (!view) return requireExplained(view.error(), bytes.size());
  requireInBounds(*view);
  requireReencodes(*view);
});

}  // namespace
}  // namespace jitrig::fuzz
