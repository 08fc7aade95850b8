#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/listener.h"
#include "protocol/stream/tls/tls_context.h"

namespace jitrig {

/// Where a server of the gRPC backend listens, and how many calls it serves at once.
struct CompileServerOptions {
  /// Port 0 takes a free one.
  Endpoint endpoint{.host = "127.0.0.1", .port = 38400};
  /// Calls that are served at the same time, each with a completion queue of its own. Further ones wait.
  std::size_t streams = 7;
  /// nullopt: plain. With client_root_certificates clients without a certificate signed by one of them are
  /// refused. resume_sessions, the versions, the key log and the verification time are not gRPC's to choose
  /// here.
  std::optional<TlsServerOptions> tls = std::nullopt;
  /// How long the end of a call may take until the client's leave is not waited for any more.
  std::int64_t finish_timeout_ms = 5'000;
  /// For stop(), counted from the end of the last call: how long what was sent last may take to arrive. gRPC
  /// calls a message written that still lies in its connection.
  std::int64_t last_answer_grace_ms = 2'000;
  std::size_t max_message_size_bytes = std::size_t{64} << 20U;
  /// Put into each request, since this generation's clients over gRPC say none: what the server accepts.
  std::uint64_t announced_version = 0;
};

/// The compile service over gRPC, as the first prototype of the real server had it: a listener thread waits
/// on one queue for new calls, in which all streams are registered beforehand under their numbers; a dispatch
/// thread takes the stream of that number on and hands it to whoever compiles. What becomes of the call then
/// happens on the stream's own queue. When it has ended the stream is renewed: registered for the next call.
///
/// Beside it the server answers HelloService, the health service and reflection.
class CompileServer {
 public:
  /// Binds the port. `dispatcher` is given a ByteStream of frames for each call, which ends after the message
  /// that ends a compilation: a call is one compilation. It is called in the dispatch thread and must not
  /// wait. All references must outlive the server, and `runtime` the streams handed over.
  static NetResult<std::unique_ptr<CompileServer>> make(Runtime& runtime, const CompileServerOptions& options,
                                                        ConnectionDispatcher& dispatcher);
  CompileServer(const CompileServer&) = delete;
  CompileServer& operator=(const CompileServer&) = delete;
  ~CompileServer();

  /// Begins to take calls. Once.
  void start();

  /// Closes the port, cancels the calls that are open, and ends both threads. Streams that were handed over
  /// end with NetErrc::reset; they may outlive the server. The clients of calls that have just been finished
  /// get what was sent to them, within last_answer_grace_ms. Rethrows what the dispatcher threw. Later calls
  /// do nothing.
  void stop();

  std::uint16_t port() const;

  /// Calls that came to a stream, and calls whose stream has been renewed since.
  std::uint64_t calls() const;
  std::uint64_t renewals() const;

 private:
  class Core;
  explicit CompileServer(std::shared_ptr<Core> core) : core_(std::move(core)) {}
  /// Shared with the streams that were handed over.
  std::shared_ptr<Core> core_;
};

}  // namespace jitrig
