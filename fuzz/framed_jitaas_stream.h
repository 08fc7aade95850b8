#pragma once

#include <string>

#include "fuzz/fuzz_target.h"

namespace jitrig::fuzz {

/// Feeds a JitaasFramer the stream in segments of these lengths less one, then in one piece. The frames that
/// come out must be those of the specification (jitaas.md, "Sockets backend"), each once all of it has
/// arrived. Returns the error that it ended with; empty: none.
std::string errorOfFramedJitaasStream(InputBytes stream, InputBytes lengths);

}  // namespace jitrig::fuzz
