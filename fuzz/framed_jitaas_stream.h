#pragma once

#include <string>

#include "fuzz/fuzz_target.h"

namespace jitrig::fuzz {

/// Feeds a JitaasFramer the stream in segments, each as long as its byte in `lengths` says and one more, then
/// what is left in one piece. The frames that come out must be those of the specification (jitaas.md,
/// "Sockets backend"), each once all of it has arrived. Returns the error that it ended with; empty: none.
std::string errorOfFramedJitaasStream(InputBytes stream, InputBytes lengths);

}  // namespace jitrig::fuzz
