#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fakecompiler/fake_compiler.h"
#include "fakevm/fake_vm.h"
#include "protocol/runtime/net_error.h"
#include "protocol/stream/dialect.h"
#include "scenarios/record/recorded_fault.h"
#include "scenarios/record/recorded_stream.h"

namespace jitrig {

/// When something was told, in the run's order and in the Runtime's time.
struct Moment {
  std::uint64_t order = 0;  ///< RecordedFrame::order
  std::int64_t time_ns = 0;
};

/// What an observer was told, and when. `end` is the stream's, where the report names one that is known.
template <class Report>
struct Told {
  Moment when;
  Report report;
  std::optional<EndReference> end;
};

/// What all personas have in common.
struct PersonaRecord {
  std::string name;
  std::shared_ptr<const Dialect> dialect;  ///< null: unknown, as of an external program
  std::int64_t timeout_ms = 30'000;        ///< of its streams
  std::vector<std::string> misbehaviours;  ///< in force; a persona that has some is not judged itself
  bool external = false;                   ///< another program: it has no taps, no reports, no summary
  std::optional<Moment> began;
  std::optional<Moment> ended;    ///< by itself: what it had to do was done
  std::optional<Moment> stopped;  ///< it was told to end
  std::optional<Moment> killed;
  std::vector<std::array<Moment, 2>> pauses;  ///< from, to

  bool misbehaves() const { return external || !misbehaviours.empty(); }
};

/// A client JVM.
struct VMRecord : PersonaRecord {
  /// Whether it tries again, and compiles by itself where it must.
  bool livesAsReal() const { return life.life == ClientLife::asReal; }

  std::uint64_t client_uid = 0;  ///< 0: not known
  std::uint64_t compilations = 0;
  std::optional<Moment> checkpointed;        ///< it was told to come to its image
  std::optional<std::size_t> restored_from;  ///< index in RunRecord::vms: who it was before a checkpoint
  bool open_ended = false;  ///< FakeVMOptions::until_compiled: nobody knows how many there will be
  std::size_t compilation_threads = 1;
  std::optional<std::size_t> server;  ///< index in RunRecord::servers; nullopt: not known
  std::uint16_t server_port = 0;      ///< ServerRecord::port of those it may meet; 0: not known
  /// One that came at the end, when faults were off, and had to be served.
  bool fresh = false;
  bool may_give_up = false;             ///< FakeVMOptions::stop_if_unreachable
  std::int64_t goodbye_timeout_ms = 0;  ///< of the same; 0: not known
  bool says_goodbyes = true;            ///< not with FakeVMOptions::stream_per_compilation
  ClientLifeOptions life;
  std::vector<Told<CompilationReport>> reports;    ///< of attempts, where a method has several
  std::vector<Told<CompilationReport>> jit_dumps;  ///< that it asked for
  std::vector<Told<AOTMapReport>> aot_maps;        ///< likewise
  std::vector<Told<ServerEvent>> events;
  std::vector<Told<ActivationEvent>> activations;
  std::vector<Told<std::string>> out_of_turn;  ///< streams, by name: FakeVMObserver::onOutOfTurn()
  std::optional<FakeVMSummary> summary;
};

/// A client session as it stood in the server's table at the end.
struct RecordedSession {
  std::uint64_t client_uid = 0;
  ClientSessionState session;
};

/// What a server held when all clients had gone and before it was stopped.
struct ServerRest {
  Moment when;
  std::size_t session_count = 0;          ///< in its table
  std::vector<RecordedSession> sessions;  ///< those of the UIDs that occurred
  std::size_t parked_streams = 0;
  std::uint64_t used_memory_bytes = 0;  ///< of the memory that it takes for its machine's
  std::size_t open_connections = 0;     ///< as its Listener counts them, without handshakes in progress
  std::uint64_t refused_connections = 0;
  std::uint64_t failed_handshakes = 0;
  std::uint64_t dropped_handshakes = 0;
};

/// What a server plays: of one compilation of its script.
struct ScriptOutline {
  std::string name;
  std::vector<std::uint16_t> queries;  ///< their types, without those that a new session is asked first
  ScriptEnd::Kind end = ScriptEnd::Kind::message;
  std::uint16_t end_type = 0;
  bool for_one_request = false;  ///< that it was recorded with, or made for; others are dealt out in turn
};

/// A compile server.
struct ServerRecord : PersonaRecord {
  std::uint16_t port = 0;  ///< as the scenario has it; several may have the same, one after the other
  bool accept_any_version = false;
  std::size_t compilation_threads = 1;
  ServerMemoryOptions memory;
  bool tls = false;                      ///< its connections are TLS
  std::size_t max_open_connections = 0;  ///< 0: not known; half-open TLS ones count, which nobody records
  std::vector<ScriptOutline> script;
  std::int64_t first_request_timeout_ms = 30'000;
  std::optional<std::uint64_t> max_compilations;
  bool has_aot_cache = false;
  bool keeps_aot_cache = false;  ///< in files: there may be more in it than this server was told to store
  /// A new session is asked its two questions first, whichever compilation of the script is played; nullopt:
  /// it depends.
  std::optional<bool> asks_session_queries;
  std::vector<Told<ServerCompilationReport>> reports;
  std::vector<Told<ServerCompilationReport>> jit_dumps;
  std::vector<Told<StreamEndReport>> stream_ends;
  /// In their order; `end` is known of those that arrived, and their `stream` is empty.
  std::vector<Told<RequestOrderEvent>> order_events;
  std::optional<ServerRest> rest;
  std::optional<FakeCompilerSummary> summary;
};

/// How the world of a run ended.
enum class WorldOutcome : std::uint8_t {
  finished,
  deadlock,         ///< nobody could go on, and no deadline was set
  stepBudgetUsed,   ///< nobody made progress, yet nobody waited
  virtualTimeUsed,  ///< so late
  failed,           ///< an exception came out of its main task
  gaveUp,           ///< it had not ended when patience was over
};

/// What there is of something that may leak; nullopt: was not counted.
struct ResourceCounts {
  std::optional<std::uint64_t> tasks;
  std::optional<std::uint64_t> connections;
  std::optional<std::uint64_t> descriptors;
  std::optional<std::uint64_t> buffered_bytes;  ///< in the simulated network
};

/// What happened in a run, as the taps saw it and the observers were told it: the only thing that checkers
/// look at. RunRecorder collects it.
struct RunRecord {
  /// Of a simulated network. Checkers that reason about time need it; nullopt: real time, which proves
  /// nothing.
  struct Network {
    std::int64_t max_latency_ns = 0;
    bool bandwidth_limited = false;
  };

  // Deques: while the run lasts, recorders and taps point into them.
  std::deque<VMRecord> vms;
  std::deque<ServerRecord> servers;
  std::deque<RecordedConnection> connections;  ///< in the order in which they came about
  std::vector<RecordedFault> faults;           ///< firings, in their order
  std::optional<Moment> healed;                ///< from then on no fault was on

  WorldOutcome outcome = WorldOutcome::finished;
  std::string outcome_detail;  ///< the world's report, where it did not finish
  std::optional<Network> network;
  /// What carries the messages hands on their values and says the rest anew, as gRPC does: bytes need not
  /// arrive as they were sent.
  bool carries_values = false;
  /// Longest wait for anything within a compilation, where nothing explains a longer one.
  std::int64_t progress_budget_ns = 25'000'000'000;
  ResourceCounts at_begin;
  ResourceCounts at_end;
  Moment over;  ///< when it was finished

  /// Messages and results: equal for runs in which the same was said and came out, whatever the machine, the
  /// compiler, the carrier, and how the bytes were cut. See README.md.
  std::uint64_t logicalDigest() const;

  /// Messages that came to a persona.
  std::uint64_t messageCount() const;

  /// nullptr if there is none.
  const RecordedEnd* endOf(EndReference reference) const;
};

}  // namespace jitrig
