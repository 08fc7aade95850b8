#pragma once

#include "capture/captured_connection.h"

namespace jitrig::fuzz {

/// What was put together is in order: the chunks of a direction follow each other without overlap, and what
/// lies between them is said to be lost, there and in the gaps.
void requireOrder(const CapturedConnection& connection);

}  // namespace jitrig::fuzz
