// jitrig replay: plays one side of a capture against a real program, or both sides in this process.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "capture/client_replay.h"
#include "cli/cut_option.h"
#include "cli/load_conversation.h"
#include "cli/persona_events.h"
#include "cli/persona_options.h"
#include "cli/stop_signals.h"
#include "cli/traffic_file.h"
#include "cli/verbs.h"
#include "fakecompiler/script_from_recording.h"
#include "fakevm/recorded_frontend.h"
#include "protocol/runtime/endpoint.h"
#include "protocol/runtime/os/operating_system_runtime.h"
#include "scenarios/fault/cut_point.h"
#include "scenarios/fault/fault_set.h"

namespace jitrig {
namespace {

constexpr const char* kDescription =
    "Play a capture: its client, its server, or both sides against each other";
constexpr const char* kFooter =
    R"(--side client sends what the recorded client sent, byte for byte, and compares what the server says.
--side server plays the recorded server for whoever connects, and compares the replies.
--side both (without the option) runs a fake VM and a fake compiler in this process, each playing its side.
Client and server UIDs and sequence numbers may differ from the recording; --exact allows no difference.
Any of the three --ssl- files turns TLS on, as for fakevm and fakecompiler; both sides together need all three.
Exit status: 0 as recorded, 1 something differed, 2 wrong usage, 3 unreadable capture, key or certificate,
4 port taken or server unreachable.

Examples:
  jitrig replay session.pcap
  jitrig replay session.pcap --cut 2:25 --record broken.pcap
  jitrig replay session.pcap --side client --server 127.0.0.1:38400
  jitrig replay session.pcap --side server --port 38400 --ssl-key server.key --ssl-cert server.pem)";

constexpr Duration kGoodbyeTime = std::chrono::seconds(1);

struct Options {
  PersonaOptions persona;
  std::string file;
  std::string side = "both";
  std::string server = "127.0.0.1:38400";
  std::string host = "127.0.0.1";
  std::uint16_t port = 38400;
  bool exact = false;
  std::string cut;
};

constexpr std::size_t kMaxReplayThreads = 64;

/// How many connections of the recording compiled at the same time, at the most.
std::size_t compilationThreads(const Conversation& conversation,
                               const std::vector<RecordedCompilation>& compilations) {
  std::map<std::uint32_t, std::size_t> remaining;  // messages of the connections that compile
  for (const RecordedCompilation& compilation : compilations) remaining[compilation.connection] = 0;
  for (const ConversationMessage& message : conversation.messages) {
    if (const auto found = remaining.find(message.connection); found != remaining.end()) ++found->second;
  }
  std::set<std::uint32_t> open;
  std::size_t most = 1;
  for (const ConversationMessage& message : conversation.messages) {
    const auto found = remaining.find(message.connection);
    if (found == remaining.end()) continue;
    open.insert(message.connection);
    most = std::max(most, open.size());
    if (--found->second == 0) open.erase(message.connection);
  }
  return std::min(most, kMaxReplayThreads);
}

class Replay {
 public:
  explicit Replay(const Options& options)
      : options_(options),
        dialect_(loadDialect(options.persona)),
        conversation_(loadConversation("replay", options.file, *dialect_)),
        client_tls_(options.side == "server" ? nullptr : makeClientTls(runtime_, clientFiles(options))),
        server_tls_(options.side == "client" ? nullptr : makeServerTls(runtime_, serverFiles(options))),
        traffic_(runtime_, options.persona.record),
        printer_(options.persona.json),
        events_(printer_, options.side == "both" ? "server: " : "", true) {}

  ExitStatus run() {
    const ExitStatus status = options_.side == "client"   ? playClient()
                              : options_.side == "server" ? playServer()
                                                          : playBoth();
    traffic_.finish();
    return status;
  }

 private:
  /// Where both sides play, the key and the certificate are the server's, and the client trusts the roots.
  static TlsFiles clientFiles(const Options& options) {
    TlsFiles files = options.persona.tls;
    if (options.side != "both" || !files.on()) return files;
    if (!files.key || !files.certificate || !files.root_certificates) {
      throw CommandError(
          ExitStatus::wrongUsage,
          "--side both: TLS needs --ssl-key and --ssl-cert for the server, and --ssl-root-certs "
          "for the client");
    }
    files.key.reset();
    files.certificate.reset();
    return files;
  }

  static TlsFiles serverFiles(const Options& options) {
    TlsFiles files = options.persona.tls;
    if (options.side == "both") {
      files.root_certificates.reset();
      files.no_host_check = false;
    }
    return files;
  }

  ComparisonRules rules() const { return options_.exact ? ComparisonRules::exact() : ComparisonRules{}; }

  ExitStatus playClient() {
    const auto endpoint = parseEndpoint(options_.server);
    if (!endpoint) throw CommandError(ExitStatus::wrongUsage, "--server: " + endpoint.error().detail);
    const StreamOptions stream_options = streamOptions(options_.persona);
    ClientReplay replay(runtime_, conversation_, dialect_, stream_options, rules(), [&] {
      return traffic_.record(connectTo(runtime_, *endpoint, stream_options, client_tls_), Peer::initiator);
    });
    try {
      return printReport(replay.run());
    } catch (const StreamFailure& failure) {
      throw CommandError(ExitStatus::unreachable, failure.what());
    }
  }

  ExitStatus printReport(const ReplayReport& report) {
    for (const std::string& difference : report.differences) {
      printer_.print("differs: " + difference, JsonEvent("difference").add("detail", difference).done());
    }
    for (const std::string& note : report.notes) {
      printer_.print("note: " + note, JsonEvent("note").add("detail", note).done());
    }
    printer_.print(
        fmt::format("{} connections, {} messages sent, {} received, {} differences", report.connections,
                    report.messages_sent, report.messages_received, report.differences.size()),
        JsonEvent("summary")
            .add("connections", report.connections)
            .add("messages_sent", report.messages_sent)
            .add("messages_received", report.messages_received)
            .add("differences", report.differences.size())
            .done());
    return report.differences.empty() ? ExitStatus::fine : ExitStatus::foundSomething;
  }

  std::unique_ptr<FakeCompiler> makeCompiler(const Endpoint& endpoint, bool record) {
    FakeCompilerOptions options;
    options.listener.endpoint = endpoint;
    options.listener.health_port = std::nullopt;
    options.listener.tls = server_tls_;
    options.listener.handshake_timeout_ms = options_.persona.timeout_ms;
    options.dialect = dialect_;
    static_cast<StreamOptions&>(options.stream) = streamOptions(options_.persona);
    auto script = scriptFromRecording(conversation_, *dialect_);
    if (!script)
      throw CommandError(ExitStatus::unreadableInput, fmt::format("{}: {}", options_.file, script.error()));
    options.max_compilations = script->compilations.size();
    options.script = std::move(*script);
    if (record) {
      options.decorate = [this](std::unique_ptr<ByteStream> stream) {
        return traffic_.record(std::move(stream), Peer::responder);
      };
    }
    auto compiler = FakeCompiler::make(runtime_, std::move(options), events_);
    if (!compiler) throw CommandError(ExitStatus::unreachable, compiler.error().detail);
    return std::move(*compiler);
  }

  ExitStatus playServer() {
    const auto compiler = makeCompiler({.host = options_.host, .port = options_.port}, true);
    signals_.handle([&compiler] { compiler->wakeWaiters(); });
    compiler->start();
    events_.printListening(*compiler, options_.host);
    const bool done = compiler->waitForCompilations();
    if (done) compiler->waitForGoodbyes(runtime_.now() + kGoodbyeTime);
    signals_.ignore();
    compiler->stop();
    events_.printSummary(*compiler);
    return done && serverAsRecorded(*compiler) ? ExitStatus::fine : ExitStatus::foundSomething;
  }

  bool serverAsRecorded(const FakeCompiler& compiler) const {
    return compiler.summary().not_as_asked == 0 && events_.differences() == 0;
  }

  ExitStatus playBoth() {
    const auto cut_point = readCutOption(options_.cut);
    auto compilations = recordedCompilations(conversation_, *dialect_);
    FakeVMOptions options;
    options.dialect = dialect_;
    options.stream = streamOptions(options_.persona);
    options.tls = client_tls_;
    options.compilations = compilations.size();
    options.compilation_threads = cut_point ? 1 : compilationThreads(conversation_, compilations);
    const auto compiler = makeCompiler({.host = "127.0.0.1", .port = 0}, false);
    options.server = {.host = "127.0.0.1", .port = compiler->port()};
    std::unique_ptr<FaultSet> cut;
    if (cut_point) cut = FaultSet::make(runtime_, dialect_, {faultAt(*cut_point)}).value();
    options.decorate = [&](std::unique_ptr<ByteStream> stream) {
      stream = traffic_.record(std::move(stream), Peer::initiator);
      return cut ? cut->decorate(std::move(stream), Direction::client) : std::move(stream);
    };
    RecordedFrontend frontend(dialect_, std::move(compilations), {.follow_recorded_ends = true});
    FakeVMEvents vm_events(printer_, "client: ");
    FakeVM vm(runtime_, std::move(options), frontend, vm_events);
    signals_.handle([&vm] { vm.stop(); });
    compiler->start();
    const FakeVMSummary summary = vm.run();
    signals_.ignore();
    compiler->waitForGoodbyes(runtime_.now() + kGoodbyeTime);
    compiler->stop();
    vm_events.printSummary(summary);
    events_.printSummary(*compiler);
    if (cut && cut->firingCount() == 0) {
      throw CommandError(ExitStatus::foundSomething,
                         fmt::format("--cut {}: the replay never came to this point", options_.cut));
    }
    // The compilation that was cut on purpose is the only one that may not have ended as recorded.
    const std::uint64_t cut_compilations = cut ? 1 : 0;
    const bool as_recorded = compiler->summary().not_as_asked == cut_compilations &&
                             events_.differences() == 0 && !signals_.came();
    return as_recorded ? ExitStatus::fine : ExitStatus::foundSomething;
  }

  const Options& options_;
  StopSignals signals_;  // before any thread
  std::shared_ptr<const Dialect> dialect_;
  Conversation conversation_;
  OperatingSystemRuntime runtime_;
  std::shared_ptr<TlsContext> client_tls_;  ///< null: plain, or no client here
  std::shared_ptr<TlsContext> server_tls_;
  TrafficFile traffic_;
  EventPrinter printer_;
  FakeCompilerEvents events_;
};

ExitStatus replay(const Options& options) {
  if (!options.cut.empty() && options.side != "both") {
    throw CommandError(ExitStatus::wrongUsage, "--cut goes with --side both; see jitrig fakevm --cut");
  }
  return Replay(options).run();
}

}  // namespace

void addReplay(CLI::App& jitrig, VerbAction& action) {
  CLI::App* verb = jitrig.add_subcommand("replay", kDescription);
  const auto options = std::make_shared<Options>();
  verb->footer(kFooter);
  verb->add_option("file", options->file, "pcap or pcapng file")->type_name("FILE")->required();
  verb->add_option("--side", options->side, "client, server or both")
      ->type_name("SIDE")
      ->check(CLI::IsMember({"client", "server", "both"}))
      ->capture_default_str();
  verb->add_option("--server", options->server, "with --side client: where the server listens")
      ->type_name("HOST:PORT")
      ->capture_default_str();
  verb->add_option("--host", options->host, "with --side server: address to listen on")
      ->type_name("HOST")
      ->capture_default_str();
  verb->add_option("--port", options->port, "with --side server: port to listen on; 0 takes a free one")
      ->type_name("PORT")
      ->capture_default_str();
  verb->add_flag("--exact", options->exact, "with --side client: compare UIDs and sequence numbers too");
  verb->add_option(
          "--cut", options->cut,
          "with --side both: break the connection once, when query Q of compilation C arrives (both from 1)")
      ->type_name("C:Q");
  addPersonaOptions(*verb, options->persona, TlsSide::either);
  verb->callback([options, &action] { action = [options] { return replay(*options); }; });
}

}  // namespace jitrig
