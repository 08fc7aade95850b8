#pragma once

#include <memory>

#include "protocol/grpc/compile_client.h"

namespace grpc {  // NOLINT(readability-identifier-naming): the library's
class Channel;
}  // namespace grpc

namespace jitrig {

/// A channel with a connection of its own, which has come about.
NetResult<std::shared_ptr<grpc::Channel>> connectChannel(Runtime& runtime,
                                                         const CompileClientOptions& options,
                                                         Instant deadline);

}  // namespace jitrig
