#pragma once

#include <span>

#include "fuzz/fuzz_target.h"
#include "protocol/wire/message.h"

namespace jitrig::fuzz {

/// What targets believe of peers: the limits of a stream, the body-less types of 0.44.0 to head.
inline ParseOptions options() {
  return {.limits = {}, .bodyless = {{9, 11}}};
}

/// So narrow that small messages reach them.
inline ParseOptions narrowOptions() {
  return {.limits = {.max_nesting = 2, .max_vector_length = 4}, .bodyless = {}};
}

/// The quick look at the bytes, the whole validation and the specification say the same: a message, or none.
void requireByTheRules(InputBytes bytes, const ParseOptions& options);

/// The same header and values, written by us.
Message reencoded(MessageView message);

/// Every nested data point lies within the message, and so does what it holds.
void requireInBounds(MessageView message);

/// A canonical message, written anew data point by data point, is the same bytes; of another one our encoding
/// is a fixed point. Quick for the former.
void requireReencodes(MessageView message);

/// Our encoding of its values is read again, and stays as it is; where the message was canonical it is the
/// message.
void requireFixedPoint(MessageView message);

/// A copy is the same bytes, and can be given another type.
void requireCopies(const Message& message);

/// With narrower limits it is read, too, or refused for one of them.
void requireLimited(MessageView message);

/// An error names a field, and a place in the message.
void requireExplained(const WireError& error, std::size_t size);

}  // namespace jitrig::fuzz
