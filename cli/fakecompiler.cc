// jitrig fakecompiler: a compile server without a compiler, for anything that speaks the protocol.
#include <CLI/CLI.hpp>
#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/grpc_backend.h"
#include "cli/misbehave_option.h"
#include "cli/persona_events.h"
#include "cli/persona_options.h"
#include "cli/script_file.h"
#include "cli/stop_signals.h"
#include "cli/traffic_file.h"
#include "cli/verbs.h"
#include "fakecompiler/compiler_misbehaviours.h"
#include "protocol/runtime/os/operating_system_runtime.h"

namespace jitrig {
namespace {

constexpr const char* kDescription = "Serve compilation requests from a script, without a compiler";
constexpr const char* kFooter =
    R"(The first line says where it listens; then one line per compilation and per connection that ends, and a summary.
It ends on SIGINT or SIGTERM, or after --compilations. Without --script it asks a few questions and sends code
that is none. Any of the three --ssl- files turns TLS on, for which a server needs a key and its certificate;
the health port stays plain, and the environment variable SSLKEYLOGFILE names a file for Wireshark. With --backend grpc
it speaks as servers did before JITServer, up to --grpc-streams clients at a time; it has HelloService, the health
service and reflection on the same port; options of what gRPC has not – a health port, announced versions, AOT caches –
are refused, and SSLKEYLOGFILE is passed over.
Exit status: 0 everything ended as the script wants, 1 something did not, 2 wrong usage, 3 unreadable script,
key or certificate, 4 a port is taken.

Examples:
  jitrig fakecompiler --port 0 --health-port off
  jitrig fakecompiler --script session.pcap --compilations 3 --json
  jitrig fakecompiler --port 0 --misbehave final_twice:2 --misbehave query_late
  jitrig fakecompiler --aot-cache-dir caches
  jitrig fakecompiler --backend grpc --port 8080
  jitrig fakecompiler --ssl-key server.key --ssl-cert server.pem)";

/// How long clients may take to say goodbye after the last compilation.
constexpr Duration kGoodbyeTime = std::chrono::seconds(1);

struct Options {
  PersonaOptions persona;
  BackendOption backend;
  std::string host = "127.0.0.1";
  std::uint16_t port = 38400;
  std::string health_port = "38600";
  std::string script;
  std::int64_t heartbeat_s = 0;
  std::size_t threads = FakeCompilerOptions{}.compilation_threads;
  std::size_t grpc_streams = kGrpcStreams;
  std::size_t max_connections = ListenerOptions{}.max_open_connections;
  std::optional<std::uint64_t> compilations;
  bool aot_cache = false;
  std::string aot_cache_dir;
  std::uint64_t aot_cache_max_bytes = AOTCacheOptions{}.max_bytes;
  std::uint64_t aot_cache_min_new_methods = AOTCacheOptions{}.min_new_methods;
  std::int64_t aot_cache_min_interval_ms = AOTCacheOptions{}.min_save_interval_ms;
  bool accept_any_version = false;
  std::vector<std::string> misbehave;
};

std::optional<std::uint16_t> parseHealthPort(const std::string& text) {
  if (text == "off") return std::nullopt;
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
    throw CommandError(ExitStatus::wrongUsage,
                       fmt::format("--health-port: '{}' is no port (0 to 65535) and not 'off'", text));
  }
  return port;
}

AOTCacheOptions aotCacheOf(const Options& options) {
  AOTCacheOptions cache{.enabled = options.aot_cache || !options.aot_cache_dir.empty(),
                        .max_bytes = options.aot_cache_max_bytes,
                        .folder = nullptr,
                        .min_new_methods = options.aot_cache_min_new_methods,
                        .min_save_interval_ms = options.aot_cache_min_interval_ms};
  if (!options.aot_cache_dir.empty()) cache.folder = openAOTCacheFolder(options.aot_cache_dir);
  return cache;
}

void addAOTCacheOptions(CLI::App& verb, Options& options) {
  verb.add_flag("--aot-cache", options.aot_cache, "store methods for clients that want it, and load them");
  verb.add_option("--aot-cache-dir", options.aot_cache_dir, "the same, kept in files of this folder")
      ->type_name("FOLDER")
      ->check(CLI::ExistingDirectory);
  verb.add_option("--aot-cache-max-bytes", options.aot_cache_max_bytes, "of all AOT caches together")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}))
      ->capture_default_str();
  verb.add_option("--aot-cache-min-methods", options.aot_cache_min_new_methods,
                  "a cache is saved when so many methods are new …")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000}))
      ->capture_default_str();
  verb.add_option("--aot-cache-min-interval", options.aot_cache_min_interval_ms,
                  "… and so much time has passed since it was saved or loaded")
      ->type_name("MS")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{86'400'000}))
      ->capture_default_str();
}

FakeCompilerOptions compilerOptions(const Options& options) {
  FakeCompilerOptions result;
  result.listener = {.endpoint = {.host = options.host, .port = options.port},
                     .health_port = parseHealthPort(options.health_port),
                     .max_open_connections = options.max_connections};
  result.dialect = usesGrpc(options.backend) ? grpcDialect(options.persona.release, options.persona.protocol)
                                             : loadDialect(options.persona);
  static_cast<StreamOptions&>(result.stream) = streamOptions(options.persona);
  result.stream.accept_any_version = options.accept_any_version;
  result.script =
      options.script.empty() ? defaultScript(*result.dialect) : loadScript(options.script, *result.dialect);
  result.compilation_threads = options.threads;
  result.heartbeat_ms = 1'000 * options.heartbeat_s;
  result.max_compilations = options.compilations;
  result.aot_cache = aotCacheOf(options);
  result.misbehaviours = readMisbehaveOption(options.misbehave, compilerMisbehaviours());
  checkMisbehaviours(options.backend, result.misbehaviours);
  result.first_request_timeout_ms = options.persona.timeout_ms;
  result.listener.handshake_timeout_ms = options.persona.timeout_ms;
  return result;
}

ExitStatus serve(const Options& options) {
  checkBackend(options.backend);
  FakeCompilerOptions compiler_options = compilerOptions(options);
  StopSignals signals;  // before any thread
  OperatingSystemRuntime runtime;
  const bool grpc = usesGrpc(options.backend);
  if (grpc) {
    explainKeyLog(options.backend, options.persona.tls);
    compiler_options.connections =
        grpcConnections(runtime, compiler_options.listener.endpoint, options.grpc_streams,
                        options.persona.tls, *compiler_options.dialect);
  } else {
    compiler_options.listener.tls = makeServerTls(runtime, options.persona.tls);
  }
  TrafficFile traffic(runtime, options.persona.record);
  compiler_options.decorate = [&traffic](std::unique_ptr<ByteStream> stream) {
    return traffic.record(std::move(stream), Peer::responder);
  };
  EventPrinter printer(options.persona.json);
  FakeCompilerEvents events(printer, "", false);
  auto compiler = FakeCompiler::make(runtime, std::move(compiler_options), events);
  if (!compiler) throw CommandError(ExitStatus::unreachable, compiler.error().detail);
  signals.handle([&compiler] { (*compiler)->wakeWaiters(); });
  (*compiler)->start();
  events.printListening(**compiler, options.host);
  const bool done = (*compiler)->waitForCompilations();
  // Over gRPC nobody says goodbye: each call has ended with its compilation.
  if (done && !grpc) (*compiler)->waitForGoodbyes(runtime.now() + kGoodbyeTime);
  signals.ignore();
  (*compiler)->stop();
  const FakeCompilerSummary summary = (*compiler)->summary();
  events.printSummary(**compiler);
  traffic.finish();
  const bool as_asked = summary.not_as_asked == 0 && summary.stream_failures == 0;
  return as_asked && (done || !options.compilations) ? ExitStatus::fine : ExitStatus::foundSomething;
}

}  // namespace

void addFakeCompiler(CLI::App& jitrig, VerbAction& action) {
  CLI::App* verb = jitrig.add_subcommand("fakecompiler", kDescription);
  const auto options = std::make_shared<Options>();
  verb->footer(kFooter);
  verb->add_option("--host", options->host, "address to listen on")->type_name("HOST")->capture_default_str();
  verb->add_option("--port", options->port, "port to listen on; 0 takes a free one")
      ->type_name("PORT")
      ->capture_default_str();
  verb->add_option("--health-port", options->health_port,
                   "port on which connections are accepted and closed at once; 0 takes a free one")
      ->type_name("PORT|off")
      ->capture_default_str();
  verb->add_option("--script", options->script,
                   "what to ask and how to end: YAML, or a capture whose server side is played")
      ->type_name("FILE");
  verb->add_option("--compilations", options->compilations,
                   "end after so many; without it, serve until a signal")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}));
  verb->add_option("--threads", options->threads, "compilation threads that may be started")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, kMaxThreads))
      ->capture_default_str();
  verb->add_option("--heartbeat", options->heartbeat_s, "one line of statistics every so often; 0: none")
      ->type_name("SECONDS")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{86'400}))
      ->capture_default_str();
  verb->add_option("--max-connections", options->max_connections,
                   "connections that may be open; more are closed at once")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000'000}))
      ->capture_default_str();
  verb->add_flag("--accept-any-version", options->accept_any_version,
                 "serve clients whatever version and configuration they announce");
  addBackendOption(*verb, options->backend);
  verb->add_option("--grpc-streams", options->grpc_streams,
                   "with --backend grpc: calls that are served at the same time; further ones wait")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, std::size_t{1'000}))
      ->capture_default_str();
  addAOTCacheOptions(*verb, *options);
  addMisbehaveOption(*verb, options->misbehave);
  addPersonaOptions(*verb, options->persona, TlsSide::server);
  verb->callback([options, &action] { action = [options] { return serve(*options); }; });
}

}  // namespace jitrig
