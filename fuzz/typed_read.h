#pragma once

#include <cstddef>
#include <tuple>
#include <type_traits>

#include "fuzz/fuzz_target.h"
#include "protocol/wire/args_raw.h"
#include "protocol/wire/void.h"

namespace jitrig::fuzz {

/// What reading a message as certain types came to: of the three ways to do it, which must agree.
struct TypedRead {
  Expected<void> read;          ///< getArgs, by the quick way where the message is written as usual
  Expected<void> step_by_step;  ///< the same, by the way that knows every form
  Expected<void> from_bytes;    ///< parseArgs: validated and read in one pass
  Message written;              ///< the values that were read
  Message twice;                ///< the same, in a tuple of a tuple and behind it
  bool has_void = false;        ///< a byte that means nothing, so what was read differs from what was sent
};

/// The ways agree; and what was read, written again, is the message as we write it: nothing was
/// reinterpreted. `canonical` is that message; empty: it was refused.
void requireTypedRead(const TypedRead& typed, const Expected<Message>& canonical, InputBytes bytes);

/// One signature for a message that may have any.
template <class... T>
void checkTypedRead(const Expected<MessageView>& message, const Expected<Message>& canonical,
                    InputBytes bytes, const ParseOptions& options) {
  TypedRead typed;
  typed.has_void = (std::is_same_v<T, Void> || ...);
  std::tuple<T...> values;
  typed.from_bytes = parseArgs(bytes, options, values);
  if (message) {
    std::tuple<T...> slowly;
    typed.step_by_step = wire_detail::receiveStepByStep(*message, slowly);
    typed.read = getArgs(*message, values);
    if (typed.read) {
      typed.written.start(message->type(), message->version(), message->config());
      std::apply([&](const T&... value) { setArgs(typed.written, value...); }, values);
      typed.twice.start(message->type(), message->version(), message->config());
      const std::size_t outer = typed.twice.openTuple();
      const std::size_t inner = typed.twice.openTuple();
      std::apply([&](const T&... value) { setArgs(typed.twice, value...); }, values);
      typed.twice.closeContainer(inner);
      typed.twice.closeContainer(outer);
      std::apply([&](const T&... value) { setArgs(typed.twice, value...); }, values);
    }
  }
  requireTypedRead(typed, canonical, bytes);
}

}  // namespace jitrig::fuzz
