#pragma once

#include <span>

#include "protocol/stream/misbehaviour.h"
#include "protocol/stream/misconduct.h"

namespace jitrig {

/// What a FakeVM can do wrong, in the order of a conversation. FakeVMOptions::misbehaviours turns it on.
std::span<const MisbehaviourInfo> vmMisbehaviours();

/// The same with what is done.
std::span<const Misbehaviour> vmMisbehaviourTable();

}  // namespace jitrig
