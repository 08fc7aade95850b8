#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "protocol/grpc/compile_server.h"
#include "protocol/grpc/server_call_stream.h"

namespace jitrig {

/// gRPC's server: the compile service, whose calls are waited for at one queue, and beside it HelloService,
/// the health service and reflection, which it serves by itself.
class GrpcServer {
 public:
  /// Binds the port.
  static NetResult<std::unique_ptr<GrpcServer>> make(Runtime& runtime, const CompileServerOptions& options);
  GrpcServer(const GrpcServer&) = delete;
  GrpcServer& operator=(const GrpcServer&) = delete;
  ~GrpcServer();

  std::uint16_t port() const;

  /// Registers for a call; its tag is the stream's number. False after shutdown().
  bool requestCompile(grpc::ServerContext* context, ServerCallStream::Stream* stream,
                      grpc::CompletionQueue* queue, std::size_t number);

  /// What has come to the queue of new calls: a call for the stream of this number, or its dismissal after
  /// shutdown().
  struct Arrival {
    std::size_t number;
    bool is_call;
  };
  /// nullopt: the queue is drained, after shutdown().
  std::optional<Arrival> next();

  /// Takes no more calls and closes the port; then the connections, each when its calls have ended and its
  /// client has everything. At the deadline all calls are cancelled and all connections closed. Then next()
  /// comes to its end.
  void shutdown(Instant deadline);

 private:
  struct State;
  GrpcServer(Runtime& runtime, std::unique_ptr<State> state);
  Runtime& runtime_;
  std::unique_ptr<State> state_;
};

}  // namespace jitrig
