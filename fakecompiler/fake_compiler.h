#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include "fakecompiler/aot_caches.h"
#include "fakecompiler/aot_compilation.h"
#include "fakecompiler/client_session.h"
#include "fakecompiler/compilation.h"
#include "fakecompiler/compilation_queue.h"
#include "fakecompiler/compile_request.h"
#include "fakecompiler/diagnostic_thread.h"
#include "fakecompiler/heartbeat.h"
#include "fakecompiler/parked_streams.h"
#include "fakecompiler/request_order_event.h"
#include "fakecompiler/script_player.h"
#include "fakecompiler/server_load.h"
#include "fakecompiler/server_port.h"
#include "fakecompiler/session_preparation.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/byte_stream.h"
#include "protocol/stream/conduct.h"
#include "protocol/stream/connection_source.h"
#include "protocol/stream/listener.h"
#include "protocol/stream/misbehaviour.h"
#include "protocol/stream/server_stream.h"
#include "protocol/stream/tls/tls_byte_stream.h"

namespace jitrig {

/// Where a server may find no memory.
enum class AllocationPlace : std::uint8_t {
  queueEntry,     ///< of a connection: it is told, and closed
  clientSession,  ///< or anything else before the request's turn: it is told
  compilation,    ///< in its turn, its updates not done: as before, and others wait for it in vain
};

/// How a FakeCompiler listens, what it plays, and its limits. `dialect` must be given, and one of the scripts
/// must not be empty.
struct FakeCompilerOptions {
  ListenerOptions listener;  ///< its `tls` makes all connections TLS
  /// Where connections come from instead of a Listener: then `listener` means nothing. May be empty.
  MakeConnectionSource connections = {};
  std::shared_ptr<const Dialect> dialect;
  ServerStreamOptions stream;
  Script script;
  /// Instead of it: from encodeOnce(), for many servers, one after the other or at once. May be null.
  std::shared_ptr<const Script> shared_script = nullptr;
  /// At most so many; they are started as they are needed.
  std::size_t compilation_threads = 63;
  ServerMemoryOptions memory = {};
  /// How often the observer is told how the server is, in ms; 0: never.
  std::int64_t heartbeat_ms = 0;
  /// Requests that are served; later ones find their connection closed. nullopt: no limit.
  std::optional<std::uint64_t> max_compilations;
  /// How long a connection may stay silent before its first request, in ms. Afterwards a client may be idle
  /// for as long as it likes: that costs no thread.
  std::int64_t first_request_timeout_ms = 30'000;
  /// Put around every accepted connection: a Recorder, a fault. Around TLS, too, so it sees messages. May be
  /// empty.
  std::function<std::unique_ptr<ByteStream>(std::unique_ptr<ByteStream>)> decorate;
  /// Of compilerMisbehaviours().
  std::vector<MisbehaviourSpec> misbehaviours = {};
  ClientSessionLimits sessions = {};
  AOTCacheOptions aot_cache = {};
  /// What it says who it is, to clients that it does not know. 0: with an AOT cache one is drawn from the
  /// Runtime's workload stream, since records are of one server.
  std::uint64_t server_uid = 0;
  /// Whether there is no memory, asked by all tasks. May be empty: there always is.
  std::function<bool(AllocationPlace)> out_of_memory = {};
};

/// How a stream ended outside a compilation.
struct StreamEndReport {
  std::string stream;
  std::string detail;
  bool failure = false;  ///< not one of the orderly ends (a goodbye, a close between messages)
};

/// Told what happens, from several tasks, one call at a time. Must not wait, nor call the FakeCompiler.
class FakeCompilerObserver {
 public:
  virtual ~FakeCompilerObserver() = default;
  /// A compilation has ended, whichever way.
  virtual void onCompilation(const ServerCompilationReport& report) = 0;
  /// A stream has ended outside a compilation; one that broke inside is told by onCompilation() alone.
  virtual void onStreamEnd(const StreamEndReport& report) = 0;
  /// A JitDump has ended, whichever way. Its number counts JitDumps.
  virtual void onJitDump(const ServerCompilationReport& report) { static_cast<void>(report); }
  /// A connection came about that is TLS. `stream` is its name: "127.0.0.1:38400 -> 127.0.0.1:51034".
  virtual void onTlsSession(const std::string& stream, const TlsSessionInfo& session) {
    static_cast<void>(stream);
    static_cast<void>(session);
  }
  /// What becomes of a request in the order of its client's requests; of one session in the order in which it
  /// happened.
  virtual void onRequestOrder(const RequestOrderEvent& event) { static_cast<void>(event); }
  /// How the server is, once per FakeCompilerOptions::heartbeat_ms.
  virtual void onHeartbeat(const ServerHeartbeat& heartbeat) { static_cast<void>(heartbeat); }
  /// An AOT cache was saved to its file, or loaded from it, or could not be.
  virtual void onAOTCacheFile(const AOTCacheFileReport& report) { static_cast<void>(report); }
};

/// Counts since the start, of compilations, streams and messages.
struct FakeCompilerSummary {
  std::uint64_t compiled = 0;
  std::uint64_t failed = 0;
  std::uint64_t interrupted = 0;
  std::uint64_t stream_failures = 0;  ///< connections that broke, and those whose TLS handshake failed
  std::uint64_t messages_received = 0;
  std::uint64_t messages_sent = 0;
  std::uint64_t not_as_asked = 0;  ///< compilations that did not end as the script wanted
  std::uint64_t jit_dumps = 0;     ///< served, in none of the above but for messages

  std::uint64_t compilations() const { return compiled + failed + interrupted + stream_failures_compiling; }
  std::uint64_t stream_failures_compiling = 0;  ///< those of stream_failures that ended a compilation
};

/// A compile server without a compiler: listens, queues the streams on which a request waits, and compilation
/// threads play the script on them.
class FakeCompiler final : public ConnectionDispatcher {
 public:
  /// Binds the ports. All references must outlive it. std::invalid_argument: the script is empty, or there is
  /// no such misbehaviour.
  static NetResult<std::unique_ptr<FakeCompiler>> make(Runtime& runtime, FakeCompilerOptions options,
                                                       FakeCompilerObserver& observer);
  ~FakeCompiler() override;

  /// Begins to accept and to compile. Once, before stop().
  void start();

  /// Closes the ports, then every connection, and ends all tasks and waits. From one task that is not one of
  /// its own. Later calls do nothing.
  void stop();

  /// As stop(), but as a process that is killed while clients send: its connections are reset.
  void kill();

  /// From now on nothing is compiled, as in a server in which a compilation thread crashed: requests are
  /// answered with compilationStreamFailure, and connections are closed as soon as no compilation uses them.
  /// From any task.
  void disableCompilations();

  std::uint16_t port() const { return port_.number(); }
  std::optional<std::uint16_t> healthPort() const { return port_.healthPort(); }
  /// Whether its connections are TLS.
  bool usesTls() const {
    return port_.carrier() != nullptr ? port_.carrier()->usesTls() : options_.listener.tls != nullptr;
  }
  const ClientSessionTable& sessions() const { return sessions_; }
  const AOTCaches& aotCaches() const { return aot_caches_; }
  std::size_t parkedStreams() const { return parked_.count(); }
  /// Connections that were handed to it and have not ended.
  std::size_t openStreams() const;
  const ServerLoad& load() const { return *load_; }
  FakeCompilerSummary summary() const;

  /// Waits until max_compilations have ended, or wakeWaiters() or stop() was called: true in the first case.
  bool waitForCompilations();

  /// Waits until every client has said goodbye and closed, or the deadline has passed, or wakeWaiters() or
  /// stop() was called.
  void waitForGoodbyes(Instant deadline);

  /// Ends every present and later wait, from any task.
  void wakeWaiters();

  /// Serves this connection as if it had come in at the port, after its handshake. From any task.
  void onConnection(std::unique_ptr<ByteStream> bytes) override;
  /// A stream that ended with a failure before it was one.
  void onHandshakeFailure(const std::string& name, const NetError& error) override;

  /// For its counts: handshakes, probes, refused connections.
  const Listener& listener() const { return *port_.listener(); }
  /// False with FakeCompilerOptions::connections.
  bool hasListener() const { return port_.listener() != nullptr; }

 private:
  FakeCompiler(Runtime& runtime, FakeCompilerOptions options, FakeCompilerObserver& observer);

  class LiveStreamCount;
  class LiveStream;
  class Serving;

  /// What becomes of a stream that was served; `end` where there is an end to report that is not a
  /// compilation's.
  struct Served {
    ServerStreamFate fate = ServerStreamFate::close;
    std::optional<StreamEndReport> end = std::nullopt;
    const ScriptedCompilation* crashed = nullptr;  ///< with ServerStreamFate::diagnose
  };

  bool startThread();
  void beat();
  void compilationThread(std::size_t index);
  void serve(std::unique_ptr<ServerStream> stream, std::size_t thread,
             const ScriptedCompilation* crashed = nullptr);
  Served takeRequest(ServerStream& stream, std::size_t thread, const ScriptedCompilation* crashed);
  void beginConversation(ServerStream& stream);
  Served serveRequest(ServerStream& stream, std::size_t thread);
  Served serveJitDump(ServerStream& stream, const ScriptedCompilation& crashed);
  Served compileInTurn(ServerStream& stream, const CompileRequest& request, ServerCompilationReport& report);
  Served playScript(ServerStream& stream, const CompileRequest& request, ServerCompilationReport& report);
  CompileRequest requestOn(const ServerStream& stream) const;
  bool beginCompilation(ServerCompilationReport& report);
  void endCompilation(const ServerCompilationReport& report);
  Served answerAndEnd(ServerStream& stream, std::uint32_t status, std::uint64_t other,
                      const std::exception& reason);
  Served answerLowMemory(ServerStream& stream, const std::bad_alloc& exhausted);
  std::optional<Served> refuse(ServerStream& stream);
  bool isDisabled() const;
  void allocate(AllocationPlace place) const;
  Served answerAOTCacheMap(ServerStream& stream, const std::string& cache_name);
  void reportEnd(const StreamEndReport& report);

  Runtime& runtime_;
  FakeCompilerOptions options_;
  FakeCompilerObserver& observer_;
  std::unique_ptr<Conduct> conduct_;
  ScriptPlayer script_;
  const CompileRequestReader requests_;
  std::uint32_t status_low_memory_;
  std::uint32_t status_lost_message_;
  std::uint32_t status_stream_failure_;
  CompilationQueue queue_;
  AOTCaches aot_caches_;
  const AOTServer aot_;
  const SessionQueries session_queries_;
  const std::unique_ptr<ServerLoad> load_;
  DiagnosticThread diagnostics_;
  ParkedStreams parked_;
  MessageCounters counters_;
  ServerPort port_;
  ClientSessionTable sessions_;

  std::unique_ptr<Mutex> mutex_;  ///< guards everything below
  std::unique_ptr<Condition> changed_;
  std::vector<std::unique_ptr<Task>> threads_;
  std::unique_ptr<HeartbeatTask> heartbeat_;  ///< of start() and stop() alone
  std::uint64_t cleared_caches_ = 0;
  std::uint64_t told_compilations_ = 0;  ///< by the heartbeat before
  FakeCompilerSummary summary_;
  std::uint64_t accepted_ = 0;
  std::uint64_t begun_ = 0;
  std::uint64_t ended_ = 0;
  std::size_t live_streams_ = 0;          ///< connections that are not destroyed yet
  std::vector<LiveStream*> connections_;  ///< those that are counted there, in the order of accepting
  std::vector<ServerStream*> serving_;    ///< streams that a compilation thread uses
  bool disabled_ = false;                 ///< compilations
  bool stopping_ = false;
  bool woken_ = false;
};

}  // namespace jitrig
