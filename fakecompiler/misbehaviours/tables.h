#pragma once

#include <span>

#include "protocol/stream/misconduct.h"

namespace jitrig {

// The table of a FakeCompiler's misbehaviours in parts, by the step of the conversation.

std::span<const Misbehaviour> acceptingMisbehaviours();
std::span<const Misbehaviour> queryMisbehaviours();
std::span<const Misbehaviour> finalMisbehaviours();

}  // namespace jitrig
