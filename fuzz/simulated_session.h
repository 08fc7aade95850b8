#pragma once

#include <functional>
#include <memory>

#include "fuzz/fuzz_target.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/stream/dialect.h"

namespace jitrig::fuzz {

/// defaultDialect(), read once.
const std::shared_ptr<const Dialect>& headDialect();

/// What is spoken in a session: olderDialect() where the input's first bit says so, if there is one.
const std::shared_ptr<const Dialect>& sessionDialect(InputBytes bytes);

/// A world whose schedule follows from the input's first byte, in which `body` is the main task, given the
/// rest: it comes to its end, and so do all tasks, without spinning.
void simulate(InputBytes bytes, const std::function<void(Runtime& runtime, InputBytes bytes)>& body);

}  // namespace jitrig::fuzz
