// Reading any message as any of these signatures gives what was sent, or a mismatch, and never bytes as
// something that they are not.

#include <string>
#include <string_view>
#include <vector>

#include "fuzz/fuzz_target.h"
#include "fuzz/message_forms.h"
#include "fuzz/signatures.h"

namespace jitrig::fuzz {
namespace {

const FuzzTarget kTarget("typed_read_fits", [](InputBytes bytes) {
  const auto message = MessageView::parse(bytes, options());
  Expected<Message> canonical;
  if (message) {
    canonical = reencoded(*message);
  } else {
    canonical = std::unexpected(message.error());
  }
  checkSignatures(message, canonical, bytes, options());
});

}  // namespace
}  // namespace jitrig::fuzz
