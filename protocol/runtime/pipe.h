#pragma once

#include <memory>
#include <string>
#include <utility>

#include "protocol/runtime/connection.h"
#include "protocol/runtime/runtime.h"

namespace jitrig {

/// The implementation of Runtime::makePipe for every Runtime: two ends of an in-process connection made of
/// the Runtime's Mutex and Conditions, watchable by its Selectors. The ends are named `name`/a and `name`/b.
///
/// There is no buffer: writeSome lends its bytes to the other end and returns when all of them were read. If
/// it must end before (deadline, closing of the other end), the rest is withdrawn: it returns how many bytes
/// were read, or the error if none was. A kAtOnce write therefore succeeds only by luck.
/// Destroying an end is a closeWrite for the other end's reads, and NetErrc::reset for its writes.
std::pair<std::unique_ptr<Connection>, std::unique_ptr<Connection>> makePipe(Runtime& runtime,
                                                                             const std::string& name);

}  // namespace jitrig
