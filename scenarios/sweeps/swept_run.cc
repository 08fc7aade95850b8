#include "scenarios/sweeps/swept_run.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <utility>

#include "fakevm/recorded_frontend.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/stream/client_stream.h"
#include "scenarios/checkers/checker.h"
#include "scenarios/fault/fault_set.h"
#include "scenarios/record/run_recorder.h"
#include "scenarios/run/run_tls.h"

namespace jitrig {
namespace {

/// Virtual time, so it costs nothing; more than two timeouts one after the other.
constexpr Duration kPatience = std::chrono::minutes(5);

/// A compilation at whose queries something happens: what that returns takes the place of the answer.
class VictimCompilation final : public CompilationFrontend {
 public:
  using OnQuery = std::function<std::optional<Answer>(std::uint64_t query)>;

  VictimCompilation(std::unique_ptr<CompilationFrontend> inner, OnQuery on_query)
      : inner_(std::move(inner)), on_query_(std::move(on_query)) {}

  std::string methodName() const override { return inner_->methodName(); }
  std::vector<Value> compilationRequest(const RequestIdentity& identity) override {
    return inner_->compilationRequest(identity);
  }
  Answer answer(const Message& query) override {
    if (auto instead = on_query_(++queries_)) return std::move(*instead);
    return inner_->answer(query);
  }

 private:
  std::unique_ptr<CompilationFrontend> inner_;
  OnQuery on_query_;
  std::uint64_t queries_ = 0;
};

class VictimFrontend final : public Frontend {
 public:
  VictimFrontend(const SweptConversation& conversation, const SweptRunOptions& options, SweptWorld& world)
      : recorded_(conversation.dialect, conversation.compilations, {}),
        swept_(conversation.compilation),
        options_(options),
        world_(world) {}

  std::unique_ptr<CompilationFrontend> beginCompilation(std::uint64_t number) override {
    auto compilation = recorded_.beginCompilation(number);
    if (options_.on_query && number == swept_) {
      return std::make_unique<VictimCompilation>(
          std::move(compilation), [this](std::uint64_t query) { return options_.on_query(world_, query); });
    }
    if (options_.on_query_of_next && number == swept_ + 1) {
      return std::make_unique<VictimCompilation>(std::move(compilation),
                                                 [this](std::uint64_t) -> std::optional<Answer> {
                                                   options_.on_query_of_next(world_);
                                                   return std::nullopt;
                                                 });
    }
    return compilation;
  }

 private:
  RecordedFrontend recorded_;
  std::size_t swept_;
  const SweptRunOptions& options_;
  SweptWorld& world_;
};

/// Its last compilation waits until the victim has ended: what happens to that one must not touch a
/// connection that lies idle, either.
class BystanderFrontend final : public Frontend {
 public:
  BystanderFrontend(Runtime& runtime, const SweptConversation& conversation)
      : recorded_(conversation.dialect, conversation.bystanders, {}),
        last_(conversation.bystanders.size() - 1),
        mutex_(runtime.makeMutex("bystander")),
        victim_ended_(runtime.makeCondition("end of the victim")) {}

  std::unique_ptr<CompilationFrontend> beginCompilation(std::uint64_t number) override {
    if (number == last_) {
      Lock lock(*mutex_);
      victim_ended_->wait(lock, kNever, [this] { return open_; });
    }
    return recorded_.beginCompilation(number);
  }

  void goOn() {
    const Lock lock(*mutex_);
    open_ = true;
    victim_ended_->notifyAll();
  }

 private:
  RecordedFrontend recorded_;
  std::size_t last_;
  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> victim_ended_;
  bool open_ = false;
};

class ClientReports final : public FakeVMObserver {
 public:
  explicit ClientReports(std::vector<CompilationReport>& reports) : reports_(reports) {}
  void onCompilation(const CompilationReport& report) override { reports_.push_back(report); }

 private:
  std::vector<CompilationReport>& reports_;
};

class ServerReports final : public FakeCompilerObserver {
 public:
  explicit ServerReports(SweptRun& run) : run_(run) {}
  void onCompilation(const ServerCompilationReport& report) override { run_.server_victim.push_back(report); }
  void onStreamEnd(const StreamEndReport& report) override { run_.stream_ends.push_back(report); }

 private:
  SweptRun& run_;
};

/// The main task of a world.
class Swept {
 public:
  Swept(SimulatedRuntime& runtime, const SweptConversation& conversation, const SweptRunOptions& options,
        RunRecorder& recorder, SweptRun& run)
      : runtime_(runtime),
        conversation_(conversation),
        options_(options),
        recorder_(recorder),
        run_(run),
        server_reports_(run) {}

  void operator()() {
    if (options_.tls) tls_ = RunTls::make(runtime_, true);
    makeFaults();
    // Local, so that a world that is being ended takes it down in its own time.
    const std::unique_ptr<FakeCompiler> server = startServer();
    server_ = server.get();
    SweptWorld world{
        .runtime = runtime_, .server = *server_, .victim_uid = kVictimUid, .connect = [this](bool plain) {
          return connect(server_->port(), plain);
        }};
    BystanderFrontend bystander(runtime_, conversation_);
    const auto bystanding = runtime_.spawn("bystander", [&] {
      runVM("bystander", bystander, conversation_.bystanders.size(), kVictimUid + 1, run_.bystander);
    });
    if (options_.strange_client) {
      options_.strange_client(world);
    } else {
      runVictim(world);
    }
    bystander.goOn();
    bystanding->join();
    heal();
    RecordedFrontend fresh(conversation_.dialect, conversation_.freshs, {});
    runVM("fresh client", fresh, conversation_.freshs.size(), kVictimUid + 2, run_.fresh);
    end();
  }

 private:
  static constexpr std::uint64_t kVictimUid = 4711;

  void makeFaults() {
    if (options_.faults.empty()) return;
    auto faults = FaultSet::make(runtime_, conversation_.dialect, options_.faults);
    if (!faults) throw std::runtime_error(faults.error());
    faults_ = std::move(*faults);
  }

  void heal() {
    if (faults_) faults_->setEnabled(false);
    recorder_.healed();
  }

  std::unique_ptr<FakeCompiler> startServer() {
    FakeCompilerOptions options;
    options.listener = {.endpoint = {"127.0.0.1", 38400}, .health_port = std::nullopt};
    options.listener.tls = tls_.server;
    options.dialect = conversation_.dialect;
    options.script = conversation_.script;
    // Enough of them: what a message says of them must not depend on when others end.
    options.compilation_threads = 63;
    server_recorder_ = &recorder_.addServer("server", options, &server_reports_);
    options.decorate = [this](std::unique_ptr<ByteStream> stream) {
      return server_recorder_->tap(std::move(stream));
    };
    auto server = FakeCompiler::make(runtime_, std::move(options), *server_recorder_);
    if (!server) throw std::runtime_error(server.error().detail);
    server_recorder_->began();
    (*server)->start();
    return std::move(*server);
  }

  std::unique_ptr<ByteStream> connect(std::uint16_t port, bool plain) {
    return connectTo(runtime_, {"127.0.0.1", port}, {}, plain ? nullptr : tls_.client);
  }

  void runVictim(SweptWorld& world) {
    VictimFrontend frontend(conversation_, options_, world);
    if (options_.strange_server) strange_port_ = kStrangePort;
    const auto stranger =
        options_.strange_server ? runtime_.spawn("strange server", [&] { runStranger(world); }) : nullptr;
    runVM("victim", frontend, conversation_.compilations.size(), kVictimUid, run_.victim);
  }

  /// Takes one connection.
  void runStranger(SweptWorld& world) {
    auto acceptor = runtime_.listen({"127.0.0.1", kStrangePort});
    if (!acceptor) throw std::runtime_error(acceptor.error().detail);
    auto connection = (*acceptor)->accept(runtime_.now() + kPatience);
    if (!connection) throw std::runtime_error(connection.error().detail);
    std::unique_ptr<ByteStream> bytes = std::make_unique<ConnectionByteStream>(std::move(*connection));
    if (tls_.server && options_.stranger_speaks_tls) {
      auto secured =
          TlsByteStream::accept(runtime_, tls_.server, std::move(bytes), runtime_.now() + kPatience);
      if (!secured) throw std::runtime_error(secured.error().detail);
      bytes = std::move(*secured);
    }
    options_.strange_server(world, std::move(bytes));
  }

  void runVM(const std::string& name, Frontend& frontend, std::uint64_t compilations, std::uint64_t uid,
             std::vector<CompilationReport>& reports) {
    FakeVMOptions options;
    options.dialect = conversation_.dialect;
    options.compilations = compilations;
    options.client_uid = uid;
    ClientReports observer(reports);
    VMRecorder& recorder = recorder_.addVM(name, options, &observer);
    // Who meets a stranger in the server's place has reasons that the record does not know.
    if (uid != kVictimUid || !options_.strange_server) recorder.record().server = 0;
    recorder.record().fresh = name == "fresh client";
    const bool is_victim = uid == kVictimUid;
    options.connect = [this, is_victim] {
      const std::uint16_t port =
          is_victim && strange_port_ ? *std::exchange(strange_port_, std::nullopt) : server_->port();
      return connect(port, false);
    };
    options.decorate = [&](std::unique_ptr<ByteStream> stream) {
      if (is_victim && faults_) stream = faults_->decorate(std::move(stream), Direction::client);
      if (is_victim && options_.decorate) stream = options_.decorate(runtime_, std::move(stream));
      return recorder.tap(std::move(stream));
    };
    FakeVM vm(runtime_, std::move(options), frontend, recorder);
    recorder.setClientUid(uid);
    recorder.began();
    recorder.ended(vm.run());
  }

  void end() {
    server_->waitForGoodbyes(runtime_.now() + kPatience);
    server_recorder_->atRest(*server_);
    server_->stop();
    server_recorder_->stopped();
    server_recorder_->summary(*server_);
    if (!faults_) return;
    run_.faults_fired = faults_->firingCount();
    recorder_.setFaults(faults_->firings());
  }

  static constexpr std::uint16_t kStrangePort = 38401;

  SimulatedRuntime& runtime_;
  const SweptConversation& conversation_;
  const SweptRunOptions& options_;
  RunRecorder& recorder_;
  SweptRun& run_;
  RunTls tls_;
  std::unique_ptr<FaultSet> faults_;
  ServerReports server_reports_;
  ServerRecorder* server_recorder_ = nullptr;
  FakeCompiler* server_ = nullptr;
  std::optional<std::uint16_t> strange_port_;
};

void requireCompiled(const std::string& who, const std::vector<CompilationReport>& reports, std::size_t count,
                     std::vector<std::string>& problems) {
  if (reports.size() != count) {
    problems.push_back(fmt::format("{} reports {} compilations, expected {}", who, reports.size(), count));
  }
  for (const CompilationReport& report : reports) {
    if (report.result == CompilationResult::compiled) continue;
    problems.push_back(fmt::format("compilation {} of {} is {}: {}", report.number + 1, who,
                                   toString(report.result), report.detail));
  }
}

/// What the record cannot know, because the stranger is none of our personas: where a handshake fails there
/// is no connection, and what a stranger sends in one piece need not be a message.
bool isAStrangers(const Finding& finding, const SweptRunOptions& options) {
  if (!options.strange_client && !options.strange_server) return false;
  if (finding.checker == "statistics") {
    return options.strange_server || finding.text.contains("messages received");
  }
  const auto has_end = [](const Concerned& concerned) { return concerned.end.has_value(); };
  return options.tls && finding.checker == "causes" && std::ranges::none_of(finding.concerned, has_end);
}

/// A stream that broke within a compilation is told by that alone: it has gone.
void requireOneEnd(const SweptRun& run, std::vector<std::string>& problems) {
  for (const ServerCompilationReport& report : run.server_victim) {
    if (report.outcome != CompilationOutcome::streamFailure) continue;
    const auto again = std::ranges::find(run.stream_ends, report.stream, &StreamEndReport::stream);
    if (again == run.stream_ends.end()) continue;
    problems.push_back(
        fmt::format("{} broke within a compilation, and ended once more: {}", report.stream, again->detail));
  }
}

}  // namespace

SweptRun runSwept(const SweptConversation& conversation, const SweptRunOptions& options) {
  SweptRun run;
  SimulationOptions simulation;
  simulation.seed = options.seed;
  SimulatedRuntime runtime(simulation);
  RunRecorder recorder(runtime);
  // Requests are larger than the buffers of some links, so how long they travel is not known.
  recorder.record().network = {.max_latency_ns = simulation.max_latency.count(), .bandwidth_limited = true};
  const SimulationResult result = runtime.run(Swept(runtime, conversation, options, recorder, run));
  if (result.outcome != SimulationOutcome::finished) {
    run.problems.push_back(
        fmt::format("the world ended by itself ({}): {}", toString(result.outcome), result.report));
  }
  RunRecord record = recorder.finish();
  for (const Finding& finding : judge(record)) {
    if (!isAStrangers(finding, options)) run.problems.push_back(finding.checker + ": " + finding.text);
  }
  run.messages = record.messageCount();
  run.logical_digest = record.logicalDigest();
  std::erase_if(run.server_victim,
                [](const ServerCompilationReport& report) { return report.client_uid != 4711; });
  requireOneEnd(run, run.problems);
  requireCompiled("the client besides", run.bystander, conversation.bystanders.size(), run.problems);
  requireCompiled("the fresh client", run.fresh, conversation.freshs.size(), run.problems);
  return run;
}

void append(std::vector<std::string>& problems, const std::vector<std::string>& more) {
  problems.insert(problems.end(), more.begin(), more.end());
}

std::vector<std::string> othersUntouched(const SweptRun& run, const SweptConversation& conversation,
                                         std::optional<std::size_t> except) {
  std::vector<std::string> problems;
  if (run.victim.size() != conversation.compilations.size()) {
    problems.push_back(fmt::format("the client reports {} compilations, expected {}", run.victim.size(),
                                   conversation.compilations.size()));
  }
  for (const CompilationReport& report : run.victim) {
    if (report.number == except) continue;
    const std::size_t queries = conversation.compilations[report.number].queries.size();
    if (report.result != CompilationResult::compiled) {
      problems.push_back(fmt::format("compilation {}, which nothing befell, is {}: {}", report.number + 1,
                                     toString(report.result), report.detail));
    } else if (report.queries != queries) {
      problems.push_back(
          fmt::format("compilation {}, which nothing befell, was asked {} queries, expected {}",
                      report.number + 1, report.queries, queries));
    }
  }
  for (const ServerCompilationReport& report : run.server_victim) {
    if (report.difference) problems.push_back(fmt::format("{}: {}", report.script, *report.difference));
  }
  return problems;
}

}  // namespace jitrig
