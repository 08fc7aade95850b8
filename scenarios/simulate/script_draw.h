#pragma once

#include <memory>

#include "fakecompiler/script.h"
#include "protocol/runtime/random_stream.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// A server's script: how many compilations differ, what each asks, how large the data points are, and how it
/// ends, is all drawn. Only what the release's server sends.
Script drawScript(RandomStream& random, const std::shared_ptr<const Dialect>& dialect);

/// How many messages one round of the script takes at least, on average over its compilations; at least 2.
std::uint64_t messagesPerCompilation(const Script& script);

}  // namespace jitrig
