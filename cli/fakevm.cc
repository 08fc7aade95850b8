// jitrig fakevm: a client JVM without a JVM, for any server that speaks the protocol.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/cut_option.h"
#include "cli/grpc_backend.h"
#include "cli/load_conversation.h"
#include "cli/misbehave_option.h"
#include "cli/persona_events.h"
#include "cli/persona_options.h"
#include "cli/stop_signals.h"
#include "cli/traffic_file.h"
#include "cli/verbs.h"
#include "fakevm/default_frontend.h"
#include "fakevm/recorded_frontend.h"
#include "fakevm/vm_misbehaviours.h"
#include "protocol/runtime/endpoint.h"
#include "protocol/runtime/os/operating_system_runtime.h"
#include "scenarios/fault/cut_point.h"
#include "scenarios/fault/fault_set.h"

namespace jitrig {
namespace {

constexpr const char* kDescription = "Request compilations and answer every query, without a JVM";
constexpr const char* kFooter =
    R"(One line per compilation, then a summary. Queries are answered with type-correct zeros, or with --replies from
a recorded client: compilation by compilation in order, then by type, then with zeros. A connection that breaks
terminates the compilation on it; the next one connects anew. With --as-real a method has up to three attempts, and is
compiled locally while the server is to be left alone, as by the real client; a line tells each time a server was met,
lost, or not to be reached, what a real client logs of a failure, and each time its server's states activate or suspend
threads. Any of the three --ssl- files turns TLS on; the
environment variable SSLKEYLOGFILE names a file for Wireshark. With --backend grpc it speaks as clients did before
JITServer; options of what gRPC has not – announced versions, goodbyes, AOT caches – are refused, and SSLKEYLOGFILE is
passed over. Exit status: 0 everything compiled, 1 something
did not, 2 wrong usage, 3 unreadable capture, key or certificate, 4 the server cannot be reached.

Examples:
  jitrig fakevm --server 127.0.0.1:38400 --compilations 100 --threads 7
  jitrig fakevm --server 127.0.0.1:38400 --compilations 3 --replies session.pcap --json
  jitrig fakevm --server 127.0.0.1:38400 --compilations 4 --cut 2:25
  jitrig fakevm --server 127.0.0.1:38400 --compilations 4 --misbehave reply_wrong_type:2
  jitrig fakevm --server 127.0.0.1:38400 --compilations 200 --interval 100 --as-real
  jitrig fakevm --server 127.0.0.1:38400 --backend grpc --compilations 10 --threads 7
  jitrig fakevm --server jitserver.example:38400 --ssl-root-certs ca.pem)";

struct Options {
  PersonaOptions persona;
  BackendOption backend;
  std::string server = "127.0.0.1:38400";
  std::uint64_t compilations = 1;
  std::size_t threads = 1;
  bool as_real = false;
  std::int64_t interval_ms = 0;
  std::int64_t reconnect_wait_ms = ClientLifeOptions{}.reconnect_wait_ms;
  std::optional<std::int64_t> max_reconnect_wait_ms;
  bool require_jitserver = false;
  bool aot_cache = false;
  std::string aot_cache_name = AOTUse{}.cache;
  std::int64_t goodbye_timeout_ms = FakeVMOptions{}.goodbye_timeout_ms;
  std::string replies;
  std::string cut;
  std::vector<std::string> misbehave;
};

std::unique_ptr<Frontend> makeFrontend(const Options& options, std::shared_ptr<const Dialect> dialect) {
  if (options.replies.empty()) return std::make_unique<DefaultFrontend>(std::move(dialect));
  const Conversation conversation = loadConversation("fakevm", options.replies, *dialect);
  auto compilations = recordedCompilations(conversation, *dialect);
  if (compilations.empty()) {
    throw CommandError(ExitStatus::unreadableInput,
                       options.replies + ": holds no " + dialect->typeName(dialect->compilation_request));
  }
  return std::make_unique<RecordedFrontend>(std::move(dialect), std::move(compilations),
                                            RecordedFrontendOptions{});
}

Endpoint serverEndpoint(const Options& options) {
  const auto endpoint = parseEndpoint(options.server);
  if (!endpoint) throw CommandError(ExitStatus::wrongUsage, "--server: " + endpoint.error().detail);
  if (endpoint->port == 0)
    throw CommandError(ExitStatus::wrongUsage, "--server: port 0 cannot be connected to");
  return *endpoint;
}

ClientLifeOptions lifeOf(const Options& options) {
  const bool as_real = options.as_real || options.require_jitserver;
  return {.life = as_real ? ClientLife::asReal : ClientLife::oneTry,
          .reconnect_wait_ms = options.reconnect_wait_ms,
          .max_reconnect_wait_ms = options.max_reconnect_wait_ms,
          .require_server = options.require_jitserver};
}

ExitStatus runVM(const Options& options) {
  checkBackend(options.backend);
  FakeVMOptions vm_options;
  vm_options.server = serverEndpoint(options);
  const auto cut_point = readCutOption(options.cut);
  const bool grpc = usesGrpc(options.backend);
  vm_options.dialect =
      grpc ? grpcDialect(options.persona.release, options.persona.protocol) : loadDialect(options.persona);
  vm_options.stream = streamOptions(options.persona);
  vm_options.compilations = options.compilations;
  vm_options.compilation_threads = options.threads;
  vm_options.interval_ms = options.interval_ms;
  vm_options.life = lifeOf(options);
  if (options.aot_cache)
    vm_options.aot = {.load = true, .store = true, .map = true, .cache = options.aot_cache_name};
  vm_options.goodbye_timeout_ms = options.goodbye_timeout_ms;
  // A VM that lives as the real one does without a server, and finds one that comes later.
  vm_options.stop_if_unreachable = !options.as_real;
  vm_options.misbehaviours = readMisbehaveOption(options.misbehave, vmMisbehaviours());
  checkMisbehaviours(options.backend, vm_options.misbehaviours);
  const auto frontend = makeFrontend(options, vm_options.dialect);

  StopSignals signals;  // before any thread
  OperatingSystemRuntime runtime;
  if (grpc) {
    explainKeyLog(options.backend, options.persona.tls);
    vm_options.connect =
        connectionsToGrpc(runtime, vm_options.server, options.persona.tls, options.persona.timeout_ms);
  } else {
    vm_options.tls = makeClientTls(runtime, options.persona.tls);
  }
  TrafficFile traffic(runtime, options.persona.record);
  std::unique_ptr<FaultSet> cut;
  if (cut_point) cut = FaultSet::make(runtime, vm_options.dialect, {faultAt(*cut_point)}).value();
  vm_options.decorate = [&](std::unique_ptr<ByteStream> stream) {
    stream = traffic.record(std::move(stream), Peer::initiator);
    return cut ? cut->decorate(std::move(stream), Direction::client) : std::move(stream);
  };
  EventPrinter printer(options.persona.json);
  FakeVMEvents events(printer, "", vm_options.life.life == ClientLife::asReal);
  FakeVM vm(runtime, std::move(vm_options), *frontend, events);
  signals.handle([&vm] { vm.stop(); });
  const FakeVMSummary summary = vm.run();
  signals.ignore();
  events.printSummary(summary);
  traffic.finish();
  if (!summary.fatal.empty()) throw CommandError(ExitStatus::foundSomething, summary.fatal);
  if (summary.connections == 0 && !signals.came())
    throw CommandError(ExitStatus::unreachable, summary.last_connect_error);
  return summary.compiled == options.compilations ? ExitStatus::fine : ExitStatus::foundSomething;
}

void addLifeOptions(CLI::App& verb, Options& options) {
  constexpr std::int64_t kDayMs = 86'400'000;
  verb.add_option("--interval", options.interval_ms, "a method comes up for compilation every so often")
      ->type_name("MS")
      ->check(CLI::Range(std::int64_t{0}, kDayMs))
      ->capture_default_str();
  CLI::Option* as_real =
      verb.add_flag("--as-real", options.as_real, "try again, wait, and compile locally as the real client");
  verb.add_option("--reconnect-wait", options.reconnect_wait_ms,
                  "half of the first wait after a failure; doubles with each")
      ->type_name("MS")
      ->check(CLI::Range(std::int64_t{0}, kDayMs))
      ->needs(as_real)
      ->capture_default_str();
  verb.add_option("--max-reconnect-wait", options.max_reconnect_wait_ms,
                  "the longest wait; without it there is none, as with the real client")
      ->type_name("MS")
      ->check(CLI::Range(std::int64_t{0}, kDayMs))
      ->needs(as_real);
  verb.add_option("--goodbye-timeout", options.goodbye_timeout_ms,
                  "at the end: how long all goodbyes may take together, in ms")
      ->type_name("MS")
      ->check(CLI::Range(std::int64_t{1}, kDayMs))
      ->capture_default_str();
  verb.add_flag("--require-jitserver", options.require_jitserver,
                "end with the first stream that breaks, as with -XX:+RequireJITServer");
  CLI::Option* aot = verb.add_flag("--aot-cache", options.aot_cache,
                                   "have methods stored in the server's AOT cache, and load them")
                         ->needs(as_real);
  verb.add_option("--aot-cache-name", options.aot_cache_name, "which of the server's caches")
      ->type_name("NAME")
      ->capture_default_str()
      ->needs(aot);
}

}  // namespace

void addFakeVM(CLI::App& jitrig, VerbAction& action) {
  CLI::App* verb = jitrig.add_subcommand("fakevm", kDescription);
  const auto options = std::make_shared<Options>();
  verb->footer(kFooter);
  verb->add_option("--server", options->server, "where the compile server listens")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  verb->add_option("--compilations", options->compilations, "how many methods to have compiled")
      ->type_name("N")
      ->check(CLI::Range(std::uint64_t{1}, std::uint64_t{1'000'000'000'000}))
      ->capture_default_str();
  verb->add_option("--threads", options->threads, "compilation threads, each with a connection of its own")
      ->type_name("N")
      ->check(CLI::Range(std::size_t{1}, kMaxThreads))
      ->capture_default_str();
  addLifeOptions(*verb, *options);
  verb->add_option("--replies", options->replies, "capture whose client's requests and answers are used")
      ->type_name("FILE");
  verb->add_option("--cut", options->cut,
                   "break the connection once, when query Q of compilation C arrives (both from 1)")
      ->type_name("C:Q");
  addBackendOption(*verb, options->backend);
  addMisbehaveOption(*verb, options->misbehave);
  addPersonaOptions(*verb, options->persona, TlsSide::client);
  verb->callback([options, &action] { action = [options] { return runVM(*options); }; });
}

}  // namespace jitrig
