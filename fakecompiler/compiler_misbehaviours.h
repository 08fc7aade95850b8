#pragma once

#include <span>

#include "protocol/stream/misbehaviour.h"
#include "protocol/stream/misconduct.h"

namespace jitrig {

/// What a FakeCompiler can do wrong, in the order of a conversation. FakeCompilerOptions::misbehaviours turns
/// it on.
std::span<const MisbehaviourInfo> compilerMisbehaviours();

/// The same with what is done.
std::span<const Misbehaviour> compilerMisbehaviourTable();

}  // namespace jitrig
