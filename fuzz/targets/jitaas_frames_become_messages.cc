// Any bytes, as a frame that a side of the older generation sends, are refused in words, or become a message:
// of the catalogue's types unless a misfit is told, and of its own frame again. The input: who sends it, the
// frame.

#include <vector>

#include "fuzz/fuzz_input.h"
#include "fuzz/fuzz_target.h"
#include "fuzz/older_dialect.h"
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

  const std::vector<std::byte> frame = format.encode(*view, sender);
  require(format.typeOf(frame) == message.type(), "a frame begins with its type");
  Message again;
  const auto back = format.decode(frame, sender, {}, again);
  require(back && (*misfit || !*back), "a frame of ours is read, and fits if its message does");
  const auto* types = typesSentBy(sender, *kDialect->table, message.type());
  if (*misfit) require(types != nullptr && !(*misfit)->what.empty(), "a misfit is told in words");
  if (*misfit) return require(zerosFit(*kDialect, sender, message.type(), *types), "zeros of its types fit");
  require(types == nullptr || !checkDataPoints(*view, *types), "what fits is of the catalogue's types");
  if (types != nullptr) requireEqual(again.serialize(), message.serialize(), "a message comes back");
});

}  // namespace
}  // namespace jitrig::fuzz
