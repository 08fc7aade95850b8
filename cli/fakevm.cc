// jitrig fakevm: a client JVM without a JVM, for any server that speaks the protocol.
#include <CLI/CLI.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/cut_option.h"
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
terminates the compilation on it; the next one connects anew. Any of the three --ssl- files turns TLS on; the
environment variable SSLKEYLOGFILE names a file for Wireshark. Exit status: 0 everything compiled, 1 something
did not, 2 wrong usage, 3 unreadable capture, key or certificate, 4 the server cannot be reached.

Examples:
  jitrig fakevm --server 127.0.0.1:38400 --compilations 100 --threads 7
  jitrig fakevm --server 127.0.0.1:38400 --compilations 3 --replies session.pcap --json
  jitrig fakevm --server 127.0.0.1:38400 --compilations 4 --cut 2:25
  jitrig fakevm --server 127.0.0.1:38400 --compilations 4 --misbehave reply_wrong_type:2
  jitrig fakevm --server jitserver.example:38400 --ssl-root-certs ca.pem)";

struct Options {
  PersonaOptions persona;
  std::string server = "127.0.0.1:38400";
  std::uint64_t compilations = 1;
  std::size_t threads = 1;
  std::string replies;
  std::string cut;
  std::vector<std::string> misbehave;
};

std::unique_ptr<Frontend> makeFrontend(const Options& options, std::shared_ptr<const Dialect> dialect) {
  if (options.replies.empty()) return std::make_unique<DefaultFrontend>(std::move(dialect));
  const Conversation conversation = loadConversation("fakevm", options.replies, *dialect->table);
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

ExitStatus runVM(const Options& options) {
  FakeVMOptions vm_options;
  vm_options.server = serverEndpoint(options);
  const auto cut_point = readCutOption(options.cut);
  vm_options.dialect = loadDialect(options.persona);
  vm_options.stream = streamOptions(options.persona);
  vm_options.compilations = options.compilations;
  vm_options.compilation_threads = options.threads;
  vm_options.stop_if_unreachable = true;
  vm_options.misbehaviours = readMisbehaveOption(options.misbehave, vmMisbehaviours());
  const auto frontend = makeFrontend(options, vm_options.dialect);

  StopSignals signals;  // before any thread
  OperatingSystemRuntime runtime;
  vm_options.tls = makeClientTls(runtime, options.persona.tls);
  TrafficFile traffic(runtime, options.persona.record);
  std::unique_ptr<FaultSet> cut;
  if (cut_point) cut = FaultSet::make(runtime, vm_options.dialect, {faultAt(*cut_point)}).value();
  vm_options.decorate = [&](std::unique_ptr<ByteStream> stream) {
    stream = traffic.record(std::move(stream), Peer::initiator);
    return cut ? cut->decorate(std::move(stream), Direction::client) : std::move(stream);
  };
  EventPrinter printer(options.persona.json);
  FakeVMEvents events(printer, "");
  FakeVM vm(runtime, std::move(vm_options), *frontend, events);
  signals.handle([&vm] { vm.stop(); });
  const FakeVMSummary summary = vm.run();
  signals.ignore();
  events.printSummary(summary);
  traffic.finish();
  if (summary.connections == 0 && !signals.came())
    throw CommandError(ExitStatus::unreachable, summary.last_connect_error);
  return summary.compiled == options.compilations ? ExitStatus::fine : ExitStatus::foundSomething;
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
  verb->add_option("--replies", options->replies, "capture whose client's requests and answers are used")
      ->type_name("FILE");
  verb->add_option("--cut", options->cut,
                   "break the connection once, when query Q of compilation C arrives (both from 1)")
      ->type_name("C:Q");
  addMisbehaveOption(*verb, options->misbehave);
  addPersonaOptions(*verb, options->persona, TlsSide::client);
  verb->callback([options, &action] { action = [options] { return runVM(*options); }; });
}

}  // namespace jitrig
