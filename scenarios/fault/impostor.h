#pragma once

#include <memory>

#include "capture/conversation.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/tls/tls_context.h"

namespace jitrig {

/// Puts another TLS server between a client and its server, in a task of its own: the client shakes hands
/// with `impostor`, whatever it says afterwards is read and forgotten. The right server sees a connection
/// without a byte, which ends when the impostor's does. `stream` is the connection below TLS, `local` whose
/// end of it this is.
std::unique_ptr<ByteStream> throughImpostor(Runtime& runtime, std::shared_ptr<TlsContext> impostor,
                                            std::unique_ptr<ByteStream> stream, Direction local);

}  // namespace jitrig
