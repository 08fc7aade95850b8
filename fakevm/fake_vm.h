#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fakevm/activation_event.h"
#include "fakevm/aot_client.h"
#include "fakevm/class_history.h"
#include "fakevm/client_life.h"
#include "fakevm/frontend.h"
#include "fakevm/method_queue.h"
#include "fakevm/remote_compilation.h"
#include "fakevm/server_event.h"
#include "fakevm/vm_image.h"
#include "fakevm/vm_life.h"
#include "protocol/runtime/runtime.h"
#include "protocol/stream/client_stream.h"
#include "protocol/stream/conduct.h"
#include "protocol/stream/misbehaviour.h"
#include "protocol/stream/tls/tls_byte_stream.h"

namespace jitrig {

/// Where the server is, what to compile, and how. `dialect` must be given.
struct FakeVMOptions {
  Endpoint server{.host = "127.0.0.1", .port = 38400};
  std::shared_ptr<const Dialect> dialect;
  StreamOptions stream;
  /// Connections to `server` are TLS; null: plain.
  std::shared_ptr<TlsContext> tls = nullptr;
  std::uint64_t compilations = 1;
  /// Methods come up until a server has compiled so many, instead of `compilations`: for who waits for
  /// something, however long it takes. Needs an interval.
  std::optional<std::uint64_t> until_compiled = std::nullopt;
  std::size_t compilation_threads = 1;
  /// A method comes up for compilation every so often; 0: all at once.
  std::int64_t interval_ms = 0;
  /// Whether failures are lived with as by the real client.
  ClientLifeOptions life = {};
  /// What happens to its classes. A front end that plays a recording does not tell of it.
  ClassEventOptions class_events = {};
  /// What it asks of the server's AOT cache. A front end that plays a recording asks as it was recorded.
  AOTUse aot = {};
  /// Restored from a checkpoint: goes on where that VM was, with a UID of its own. nullopt: a new VM.
  std::optional<VMImage> image = std::nullopt;
  /// At its end: how long all its goodbyes may take together, whatever the server does. A real client gives
  /// each of them its usual timeout, and outlives its SIGTERM by half a minute; `docker stop` waits ten
  /// seconds.
  std::int64_t goodbye_timeout_ms = 5'000;
  /// 0 draws one from the Runtime's workload stream.
  std::uint64_t client_uid = 0;
  /// Give up as long as the server has never been reached, instead of compiling everything locally.
  bool stop_if_unreachable = false;
  /// Put around every new connection: a Recorder, a fault. Around TLS, too, so it sees messages. May be
  /// empty.
  std::function<std::unique_ptr<ByteStream>(std::unique_ptr<ByteStream>)> decorate;
  /// Asked before each connection, instead of `server`; may be empty. Throws StreamFailure where there is
  /// none.
  std::function<Endpoint()> server_at;
  /// Put around every connection to it, below TLS. May be empty.
  std::function<std::unique_ptr<ByteStream>(std::unique_ptr<ByteStream>)> decorate_transport;
  /// How to get a connection, at once; empty: connectTo() `server`. Throws StreamFailure with Cause::connect.
  std::function<std::unique_ptr<ByteStream>()> connect;
  /// Each compilation has a stream of its own, which ends with it, and nobody says goodbye: as over gRPC,
  /// where a stream is a call.
  bool stream_per_compilation = false;
  /// Of vmMisbehaviours().
  std::vector<MisbehaviourSpec> misbehaviours = {};
};

/// Told what happens, by any compilation thread, one call at a time. Must not wait, nor call the FakeVM.
class FakeVMObserver {
 public:
  virtual ~FakeVMObserver() = default;
  /// A compilation has ended, whichever way.
  virtual void onCompilation(const CompilationReport& report) = 0;
  /// The server crashed over a method, and was asked for a JitDump of it; the attempt that crashed it is
  /// reported next. Whatever became of that, the method is none the better for it.
  virtual void onJitDump(const CompilationReport& report) { static_cast<void>(report); }
  /// A connection came about that is TLS. `stream` is its name: "127.0.0.1:51034 -> 127.0.0.1:38400".
  virtual void onTlsSession(const std::string& stream, const TlsSessionInfo& session) {
    static_cast<void>(stream);
    static_cast<void>(session);
  }
  /// The map of the server's AOT cache has come, for which AOTUse::map asked.
  virtual void onAOTMap(const AOTMapReport& report) { static_cast<void>(report); }
  /// A connection was given up between two compilations, since the server had sent something although it was
  /// not its turn: it would have been taken for an answer to the next request.
  virtual void onOutOfTurn(const std::string& stream) { static_cast<void>(stream); }
  /// A VM that lives as the real client has found its server, or not.
  virtual void onServer(const ServerEvent& event) { static_cast<void>(event); }
  /// It has another activation policy, or another thread works, or one less.
  virtual void onActivation(const ActivationEvent& event) { static_cast<void>(event); }
};

/// What all compilation threads together have come to.
struct FakeVMSummary {
  std::uint64_t compiled = 0;
  std::uint64_t failed = 0;           ///< also terminated and interrupted ones
  std::uint64_t local = 0;            ///< no connection could be had, or none was tried
  std::uint64_t tried_again = 0;      ///< attempts that another one followed; in none of the above
  std::uint64_t stream_failures = 0;  ///< streams that broke, and connections that could not be had
  std::uint64_t out_of_turn = 0;      ///< connections given up since the server spoke out of turn
  std::uint64_t connections = 0;      ///< that came about
  std::uint64_t policy_changes = 0;   ///< of the activation policy
  std::uint64_t activations = 0;      ///< of threads, by it
  std::uint64_t suspensions = 0;      ///< of threads, by it
  std::uint64_t jit_dumps = 0;        ///< that servers were asked for; in none of the above
  std::uint64_t aot_map_methods = 0;  ///< of the map of the server's AOT cache, if it was asked for
  std::uint64_t messages_received = 0;
  std::uint64_t messages_sent = 0;
  std::string last_connect_error;
  /// Why the VM ended before its time (ClientLifeOptions::require_server); empty: it did not.
  std::string fatal;
};

/// A client JVM without a JVM: compilation threads that take methods off a queue, each with a stream of its
/// own that it keeps between compilations. A stream that breaks ends the compilation on it; the next
/// compilation of that thread, or the next attempt of a VM that lives as the real client, connects anew. At
/// the end each thread sends connectionTerminate, and the VM, on one more connection, clientSessionTerminate;
/// nobody waits for an answer, and what is not sent within `goodbye_timeout_ms` is not sent.
class FakeVM {
 public:
  /// All references must outlive it. std::invalid_argument: there is no such misbehaviour.
  FakeVM(Runtime& runtime, FakeVMOptions options, Frontend& frontend, FakeVMObserver& observer);
  ~FakeVM();

  /// Compiles everything, says goodbye, and returns what happened. Once.
  FakeVMSummary run();

  /// From any task: run() stops taking methods off the queue, breaks what is in progress, connecting and TLS
  /// handshakes, too, and returns soon. Nobody says goodbye.
  void stop();

  /// As stop(), but as a process that is killed while the server sends: its connections are reset.
  void kill();

  /// From any task: run() takes no more methods off the queue, ends those in progress, says goodbye as at an
  /// end, and returns: then the VM is an image().
  void checkpoint();

  /// What other VMs can be restored from, when run() has returned.
  VMImage image() const;

  std::uint64_t clientUid() const { return options_.client_uid; }

 private:
  class CompilationThread;
  class Watch;

  MethodQueue::Next takeMethod(std::size_t thread, std::uint64_t& number, RequestIdentity& identity);
  void tellThread(MethodQueue::Change change, std::size_t thread);
  void tellActivation(ActivationEvent event);
  void beginStopping();
  void endMethods();
  RequestIdentity nextIdentity();
  RequestIdentity drawIdentity();
  RequestIdentity drawDumpIdentity();
  void reportJitDump(const CompilationReport& report);
  RemoteDecision begin(CompilationReport& report, bool after_crash);
  void connected(CompilationReport& report);
  void met(std::uint64_t server_uid);
  std::unique_ptr<ByteStream> connectBytes(Instant deadline);
  std::unique_ptr<ClientStream> openStream(Instant deadline);
  Instant connectDeadline() { return options_.stream.deadlineAfter(runtime_.now()); }
  void closeStream(std::unique_ptr<ClientStream> stream);
  bool report(CompilationReport& report, RemoteDecision decision);
  void count(const CompilationReport& report);
  void fail(const CompilationReport& report);
  bool mayTerminateConnection();
  Instant beginFarewell();
  void reportOutOfTurn(const std::string& stream);
  void sayGoodbye();
  bool wantsAOTMap() const;
  void askForAOTMap();
  void waitForAOTMap();

  Runtime& runtime_;
  FakeVMOptions options_;
  Frontend& frontend_;
  FakeVMObserver& observer_;
  std::unique_ptr<Conduct> conduct_;
  MessageCounters counters_;
  const std::optional<std::uint16_t> session_query_;  ///< in which servers tell their UID
  Cancellation connecting_;
  /// How often something happened that makes compilations in progress worthless.
  std::atomic<std::uint64_t> upheavals_{0};
  const std::unique_ptr<AOTClient> aot_;  ///< null: it uses no cache
  std::unique_ptr<Mutex> mutex_;          ///< guards everything below
  std::unique_ptr<Condition> stopped_;
  VMLife life_;
  ClassHistory classes_;
  std::uint32_t last_critical_ = 0;  ///< sequence number of the last request that told of class changes
  MethodQueue methods_;
  std::uint32_t last_sequence_number_ = 0;
  Instant farewell_until_;  ///< when the goodbyes that began last must be over
  bool has_asked_for_map_ = false;
  bool stopping_ = false;
  bool killed_ = false;
  FakeVMSummary summary_;
  std::vector<ClientStream*> open_streams_;
};

}  // namespace jitrig
