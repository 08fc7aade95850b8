#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fakecompiler/aot_caches.h"
#include "fakecompiler/script.h"
#include "fakecompiler/server_memory.h"
#include "fakevm/aot_use.h"
#include "fakevm/class_history.h"
#include "fakevm/client_life.h"
#include "protocol/stream/dialect.h"
#include "protocol/stream/misbehaviour.h"
#include "scenarios/fault/fault.h"

namespace jitrig {

/// What carries the bytes of a run. Simulated ones have a seed and virtual time; the others are of this
/// machine: sockets, or calls of gRPC, where all speak grpc_2019 of the older generation.
enum class ScenarioRuntime : std::uint8_t { simulation, simulatedTls, loopback, tls, grpc, grpcTls };

/// "simulation", "simulated_tls", "loopback", "tls", "grpc", "grpc_tls", and back.
std::string_view toString(ScenarioRuntime runtime);
std::optional<ScenarioRuntime> parseScenarioRuntime(std::string_view name);
/// For errors: "simulation, simulated_tls, loopback, tls, grpc or grpc_tls".
std::string scenarioRuntimesText();

/// Whether it has a seed and virtual time.
bool isSimulated(ScenarioRuntime runtime);
/// Whether it has calls of gRPC, with or without TLS.
bool isOverGrpc(ScenarioRuntime runtime);
/// Simulated or not.
bool usesTls(ScenarioRuntime runtime);

/// A compile server that takes part. Two may have the same `port` if their lives do not overlap: "another
/// process with another version on the same port".
struct ScenarioServer {
  std::string name = "server";
  std::shared_ptr<const Dialect> dialect;
  bool accept_any_version = false;
  std::optional<Script> script;  ///< nullopt: defaultScript()
  std::size_t compilation_threads = 2;
  ServerMemoryOptions memory;
  std::int64_t timeout_ms = 30'000;
  std::int64_t first_request_timeout_ms = 30'000;
  std::uint16_t port = 38400;            ///< stands for a free one outside the simulation
  std::int64_t starts_ms = 0;            ///< when it begins to listen
  bool never_starts = false;             ///< nobody listens at its port
  bool plain = false;                    ///< it has no TLS, where the others have it
  std::optional<std::int64_t> stops_ms;  ///< when it ends, orderly; nullopt: after the last client
  std::size_t max_connections = 1000;    ///< that may be open; more are closed at once
  AOTCacheOptions aot_cache;             ///< its folder is the one below
  std::string aot_cache_folder;          ///< in memory: servers that name the same share it; "": none
  std::string script_file;  ///< where `script` was read from, for writing it down again; "": given inline
  std::vector<MisbehaviourSpec> misbehaviours;
};

/// A VM that is checkpointed, and what is different when it is restored.
struct ScenarioCheckpoint {
  std::int64_t at_ms = 0;
  std::int64_t restores_ms = 0;
  bool allows_remote = false;         ///< remote compilation before it
  std::uint64_t copies = 1;           ///< processes that are restored from it
  std::optional<bool> plain;          ///< ScenarioVM::plain of the restored; nullopt: as before
  std::optional<std::string> server;  ///< ScenarioVM::server of the restored; nullopt: as before
};

/// A client JVM, or `count` alike.
struct ScenarioVM {
  std::string name = "vm";
  std::uint64_t count = 1;
  std::shared_ptr<const Dialect> dialect;
  std::uint64_t compilations = 3;
  std::optional<std::uint64_t> until_compiled;  ///< by a server; instead of `compilations`
  std::size_t compilation_threads = 1;
  bool plain = false;             ///< it has no TLS, where the others have it
  std::string server = "server";  ///< ScenarioServer::name
  std::int64_t timeout_ms = 30'000;
  std::int64_t starts_ms = 0;
  std::int64_t interval_ms = 0;  ///< a method comes up for compilation every so often; 0: all at once
  ClientLifeOptions life;
  ClassEventOptions class_events;
  AOTUse aot;
  std::int64_t goodbye_timeout_ms = 5'000;  ///< for all its goodbyes together
  std::optional<ScenarioCheckpoint> checkpoint;
  std::optional<std::string> replies;  ///< a capture that it answers from, as a path; nullopt: defaults
  std::uint64_t client_uid = 0;        ///< 0: drawn; given, all `count` of them have the same
  std::vector<MisbehaviourSpec> misbehaviours;
};

/// How many of something there must be.
struct ExpectedCount {
  std::uint64_t at_least = 0;
  std::optional<std::uint64_t> at_most;
};

/// What must hold after the run, beyond what every run is judged by.
struct ScenarioExpectations {
  /// Counts by name: those of scenarioCountNames(). What is counted at clients stands alone for all VMs
  /// ("compiled") or behind the name of some ("slow.compiled"); what is counted at a server stands behind its
  /// name ("server.compiled"). Unless something is said of the clients' compilations, every one must have
  /// been compiled.
  std::map<std::string, ExpectedCount> counts;
  /// Each must occur in the detail of some report, of a client or a server.
  std::vector<std::string> details;
  /// None may occur in any.
  std::vector<std::string> absent_details;
  /// Checkers that may find something here, by name, because the scenario makes them.
  std::vector<std::string> allowed_findings;
  std::optional<std::int64_t> ends_within_ms;  ///< virtual time; simulated runtimes only
};

/// Something that is counted, for ScenarioExpectations::counts.
struct ScenarioCountName {
  /// Where it is counted, and so what may stand before it.
  enum class Of : std::uint8_t { clients, server, run };

  std::string_view name;
  Of of = Of::clients;
  std::string_view meaning;  ///< a few words
};
/// All of them, in the order in which they are printed.
std::span<const ScenarioCountName> scenarioCountNames();

/// What a network is like where it is simulated.
struct ScenarioNetwork {
  std::int64_t min_latency_us = 20;
  std::int64_t max_latency_us = 500;
  std::optional<std::uint64_t> bandwidth_bytes_per_s;
  bool segmentation = true;
};

/// A file below scenarios/cases, or what a generator drew: who takes part, what goes wrong, what must hold.
struct Scenario {
  std::string name;                 ///< "fault/reset_mid_query": the path below cases/ without ending
  std::string description;          ///< one sentence
  std::vector<std::string> covers;  ///< entries of the list of known bugs: "R2"
  std::vector<ScenarioServer> servers;
  std::vector<ScenarioVM> vms;
  std::vector<FaultSpec> faults;
  ScenarioNetwork network;
  ScenarioExpectations expect;
  std::vector<ScenarioRuntime> runtimes;  ///< those it is made for
  std::uint64_t first_seed = 1;           ///< of the simulated ones
  std::uint64_t seeds = 3;                ///< so many of them
  bool fresh_client = true;               ///< at the end, faults off, one more client must be served
  /// Outside the simulation all waits take so many millionths of what they say: see run/scaled_waits.h.
  std::uint32_t waits_ppm = 1'000'000;
};

/// Whether gRPC is among its runtimes: then its personas speak as over gRPC unless it says otherwise.
bool isMadeForGrpc(const Scenario& scenario);

}  // namespace jitrig
