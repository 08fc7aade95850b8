#pragma once

#include <span>

#include "protocol/stream/misconduct.h"

namespace jitrig {

// The table of a FakeVM's misbehaviours in parts, by the step of the conversation.

std::span<const Misbehaviour> connectingMisbehaviours();
std::span<const Misbehaviour> requestMisbehaviours();
std::span<const Misbehaviour> replyMisbehaviours();
std::span<const Misbehaviour> goodbyeMisbehaviours();

}  // namespace jitrig
