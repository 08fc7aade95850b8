// Any bytes, as a frame that a side of the older generation sends, are refused in words, or become a message.
// Without a misfit it is of the catalogue's types; and of those, its own frame becomes it again (of others,
// tags alone say less). The input: who sends it, the frame.

#include <vector>

#include "fuzz/fuzz_input.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/older_dialect.h"
#include "fuzz/sent_types.h"
#include "protocol/catalogue/data_point_fit.h"
#include "protocol/stream/message_format.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("jitaas_frames_become_messages", [](InputBytes bytes) {
  static const std::shared_ptr<const Dialect> kDialect = olderDialect();
  FuzzInput input(bytes);
  const auto sender = input.below(2) == 0 ? Direction::client : Direction::server;
  const MessageFormat& format = *kDialect->format;
  Message message;
  const auto misfit = format.decode(input.rest(), sender, {}, message);
  if (!misfit) return require(!misfit.error().empty(), "a refusal has words");
  const auto view = MessageView::parse(message.serialize(), {.limits = {}, .bodyless = {}});
  require(view.has_value(), "what a frame becomes is a message");
  const auto* types = typesSentBy(sender, *kDialect->table, message.type());
  const bool fits = types != nullptr && !checkDataPoints(*view, *types);
  const bool is_told = types != nullptr && *misfit && !(*misfit)->what.empty();
  require(*misfit ? is_told : types == nullptr || fits, "what is not of the catalogue's types is told");
  const std::vector<std::byte> frame = format.encode(*view, sender);
  require(format.typeOf(frame) == message.type(), "a frame begins with its type");
  Message again = message.copy();  // in the storage of another
  const auto back = format.decode(frame, sender, {}, again);
  require(back && !(fits && *back), "a frame of ours is read, and fits if its message does");
  if (fits && !*misfit) requireEqual(again.serialize(), message.serialize(), "what fits comes back");
});

}  // namespace
}  // namespace jitrig::fuzz
