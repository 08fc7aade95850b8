#include <algorithm>
#include <array>
#include <atomic>
#include <set>

#include "protocol/catalogue/catalogue.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "scenarios/personas_test_support.h"

namespace jitrig::test {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::SizeIs;

JITRIG_IN_EVERY_RUNTIME_AND_CARRIER(PersonasTest);

std::size_t countEnds(const std::vector<StreamEndReport>& ends, const std::string& detail) {
  return static_cast<std::size_t>(std::ranges::count(ends, detail, &StreamEndReport::detail));
}

TEST_P(PersonasTest, EveryThreadCompilesAndSaysGoodbye) {
  run([](Runtime& runtime, Carrier carrier) {
    Personas personas(runtime, carrier);
    personas.vm_options.compilations = 12;
    personas.vm_options.compilation_threads = 3;
    FakeCompiler& compiler = personas.startCompiler();
    const FakeVMSummary client = personas.runVM();
    const FakeCompilerSummary server = personas.finish();

    EXPECT_EQ(client.compiled, 12U);
    EXPECT_EQ(client.failed + client.local + client.stream_failures, 0U);
    EXPECT_EQ(server.compiled, 12U);
    EXPECT_EQ(server.failed + server.interrupted + server.stream_failures + server.not_as_asked, 0U);
    EXPECT_EQ(client.messages_sent, server.messages_received);
    EXPECT_EQ(client.messages_received, server.messages_sent);

    // Each thread that had a connection says goodbye on it, then the VM on one more.
    EXPECT_EQ(countEnds(personas.server.ends, "the client ends the connection"), client.connections - 1);
    EXPECT_EQ(countEnds(personas.server.ends, "the client session ends"), 1U);
    EXPECT_EQ(compiler.sessions().size(), 0U);
    EXPECT_EQ(compiler.parkedStreams(), 0U);
  });
}

TEST_P(PersonasTest, TheSessionQueriesAreAskedOncePerClient) {
  run([](Runtime& runtime, Carrier carrier) {
    Personas personas(runtime, carrier);
    personas.vm_options.compilations = 3;
    personas.vm_options.client_uid = 4711;
    personas.startCompiler();
    personas.runVM();
    personas.finish();

    ASSERT_THAT(personas.server.compilations, SizeIs(3));
    const std::uint32_t script_queries = personas.server.compilations[1].queries;
    EXPECT_EQ(personas.server.compilations[0].queries, script_queries + 2);
    EXPECT_EQ(personas.server.compilations[2].queries, script_queries);
    EXPECT_THAT(personas.server.compilations, Each(Field(&ServerCompilationReport::client_uid, 4711U)));
  });
}

TEST_P(PersonasTest, IdleConnectionsCostNoCompilationThread) {
  run([](Runtime& runtime, Carrier carrier) {
    Personas personas(runtime, carrier);
    personas.compiler_options.compilation_threads = 2;
    FakeCompiler& compiler = personas.startCompiler();
    std::vector<std::unique_ptr<ByteStream>> silent;
    for (int i = 0; i < 25; ++i) silent.push_back(personas.connect());
    // Others have compiled, and keep their connection for later.
    std::vector<std::unique_ptr<ClientStream>> idle;
    DefaultFrontend frontend(headDialect());
    for (std::uint32_t i = 0; i < 25; ++i) {
      idle.push_back(
          std::make_unique<ClientStream>(runtime, personas.connect(), headDialect(), StreamOptions{}));
      CompilationReport report;
      compileRemotely(*idle.back(), *frontend.beginCompilation(i), {1000 + i, 1, 0}, report);
      EXPECT_EQ(report.result, CompilationResult::compiled) << report.detail;
    }
    EXPECT_EQ(personas.runVM().compiled, 1U);
    EXPECT_GE(compiler.parkedStreams(), 25U);
    EXPECT_GE(compiler.sessions().size(), 25U);
    idle.clear();
    silent.clear();
    compiler.stop();
    EXPECT_EQ(compiler.parkedStreams(), 0U);
  });
}

/// Its front ends wait in their first answer until the gate opens.
class GatedFrontend final : public Frontend {
 public:
  GatedFrontend(Runtime& runtime, std::size_t expected)
      : expected_(expected),
        answers_(headDialect()),
        mutex_(runtime.makeMutex("gate")),
        changed_(runtime.makeCondition("gate")) {}

  std::unique_ptr<CompilationFrontend> beginCompilation(std::uint64_t number) override {
    return std::make_unique<Compilation>(*this, answers_.beginCompilation(number));
  }
  void waitUntilAllArrived() {
    Lock lock(*mutex_);
    changed_->wait(lock, kNever, [&] { return arrived_ >= expected_; });
  }
  void open() {
    const Lock lock(*mutex_);
    open_ = true;
    changed_->notifyAll();
  }

 private:
  class Compilation final : public CompilationFrontend {
   public:
    Compilation(GatedFrontend& gate, std::unique_ptr<CompilationFrontend> answers)
        : gate_(gate), answers_(std::move(answers)) {}
    std::string methodName() const override { return answers_->methodName(); }
    std::vector<Value> compilationRequest(const RequestIdentity& identity) override {
      return answers_->compilationRequest(identity);
    }
    Answer answer(const Message& query) override {
      gate_.pass();
      return answers_->answer(query);
    }

   private:
    GatedFrontend& gate_;
    std::unique_ptr<CompilationFrontend> answers_;
  };

  void pass() {
    Lock lock(*mutex_);
    ++arrived_;
    changed_->notifyAll();
    changed_->wait(lock, kNever, [&] { return open_; });
  }

  std::size_t expected_;
  DefaultFrontend answers_;
  std::unique_ptr<Mutex> mutex_;
  std::unique_ptr<Condition> changed_;
  std::size_t arrived_ = 0;
  bool open_ = false;
};

/// Nobody waits until another one's session is known.
void askNothingForTheSession(Script& script) {
  for (ScriptedCompilation& compilation : script.compilations) compilation.ask_session_queries = false;
}

TEST_P(PersonasTest, AServerThatStopsTerminatesTheCompilationsInProgress) {
  run([](Runtime& runtime, Carrier carrier) {
    Personas personas(runtime, carrier);
    askNothingForTheSession(personas.compiler_options.script);
    personas.vm_options.compilations = 5;
    personas.vm_options.compilation_threads = 2;
    FakeCompiler& compiler = personas.startCompiler();
    GatedFrontend frontend(runtime, 2);
    FakeVMSummary client;
    const auto vm = runtime.spawn("vm", [&] { client = personas.runVM(frontend); });
    frontend.waitUntilAllArrived();
    compiler.stop();
    frontend.open();
    vm->join();

    EXPECT_EQ(client.compiled, 0U);
    EXPECT_GE(client.failed, 2U);
    EXPECT_EQ(client.failed + client.local, 5U);
    EXPECT_EQ(client.stream_failures, 5U);
    EXPECT_EQ(compiler.summary().stream_failures_compiling, 2U);
    ASSERT_THAT(personas.server.compilations, SizeIs(2));
    EXPECT_THAT(personas.server.compilations,
                Each(Field(&ServerCompilationReport::outcome, CompilationOutcome::streamFailure)));
  });
}

TEST_P(PersonasTest, AServerThatStopsWakesWhoWaits) {
  run([](Runtime& runtime, Carrier carrier) {
    Personas personas(runtime, carrier);
    FakeCompiler& compiler = personas.startCompiler();
    const auto open = personas.connect();
    const auto waiter = runtime.spawn("waiter", [&] {
      EXPECT_FALSE(compiler.waitForCompilations());
      compiler.waitForGoodbyes(kNever);
    });
    compiler.stop();
    waiter->join();
  });
}

TEST_P(PersonasTest, AVMThatStopsBreaksWhatIsInProgress) {
  run([](Runtime& runtime, Carrier carrier) {
    Personas personas(runtime, carrier);
    askNothingForTheSession(personas.compiler_options.script);
    personas.startCompiler();
    personas.vm_options.compilations = 1000;
    personas.vm_options.compilation_threads = 2;
    GatedFrontend frontend(runtime, 2);
    FakeVM vm(runtime, personas.vm_options, frontend, personas.client);
    FakeVMSummary summary;
    const auto task = runtime.spawn("vm", [&] { summary = vm.run(); });
    frontend.waitUntilAllArrived();
    vm.stop();
    frontend.open();
    task->join();
    EXPECT_EQ(summary.failed, 2U);
    EXPECT_EQ(resultsOf(personas.client.compilations), std::vector(2, CompilationResult::terminated));
  });
}

TEST_P(PersonasTest, NoMoreCompilationsThanAskedFor) {
  run([](Runtime& runtime, Carrier carrier) {
    Personas personas(runtime, carrier);
    personas.compiler_options.max_compilations = 3;
    personas.vm_options.compilations = 5;
    FakeCompiler& compiler = personas.startCompiler();
    const FakeVMSummary client = personas.runVM();
    EXPECT_TRUE(compiler.waitForCompilations());
    compiler.stop();
    EXPECT_EQ(client.compiled, 3U);
    EXPECT_EQ(client.failed, 2U);
    EXPECT_EQ(compiler.summary().compilations(), 3U);
    EXPECT_THAT(personas.server.ends,
                Contains(Field(&StreamEndReport::detail, HasSubstr("asked for are done"))));
  });
}

TEST_P(PersonasTest, WhoWaitsForCompilationsCanBeWoken) {
  run([](Runtime& runtime, Carrier carrier) {
    Personas personas(runtime, carrier);
    FakeCompiler& compiler = personas.startCompiler();
    const auto waker = runtime.spawn("waker", [&] { compiler.wakeWaiters(); });
    EXPECT_FALSE(compiler.waitForCompilations());
  });
}

TEST_P(PersonasTest, GoodbyesAreWaitedForUpToTheDeadline) {
  run([](Runtime& runtime, Carrier carrier) {
    Personas personas(runtime, carrier);
    FakeCompiler& compiler = personas.startCompiler();
    auto idle = std::make_unique<ClientStream>(runtime, personas.connect(), headDialect(), StreamOptions{});
    DefaultFrontend frontend(headDialect());
    CompilationReport report;
    compileRemotely(*idle, *frontend.beginCompilation(0), {77, 1, 0}, report);
    compiler.waitForGoodbyes(kAtOnce);
    EXPECT_TRUE(compiler.sessions().find(77));
    idle->writeError(headDialect()->connection_terminate);
    idle.reset();
    ClientStream(runtime, personas.connect(), headDialect(), StreamOptions{}).writeClientSessionTerminate(77);
    compiler.waitForGoodbyes(runtime.now() + kPatience);
    EXPECT_FALSE(compiler.sessions().find(77));
  });
}

TEST_P(PersonasTest, AConnectionWithoutARequestIsClosed) {
  run([](Runtime& runtime, Carrier carrier) {
    Personas personas(runtime, carrier);
    personas.compiler_options.first_request_timeout_ms = 20;
    FakeCompiler& compiler = personas.startCompiler();
    const Instant begin = runtime.now();
    const auto silent = personas.connect();
    std::array<std::byte, 8> buffer{};
    const auto count = silent->readSome(buffer, runtime.now() + kPatience);
    ASSERT_FALSE(count);
    EXPECT_EQ(count.error().code, NetErrc::endOfFile);
    EXPECT_GE(runtime.now() - begin, std::chrono::milliseconds(20));
    compiler.stop();
    ASSERT_THAT(personas.server.ends, SizeIs(1));
    EXPECT_TRUE(personas.server.ends[0].failure);
    EXPECT_THAT(personas.server.ends[0].detail, HasSubstr("no request within 20 ms"));
  });
}

TEST_P(PersonasTest, AClientOfAnotherVersionIsTold) {
  run([](Runtime& runtime, Carrier carrier) {
    Personas personas(runtime, carrier);
    FakeCompiler& compiler = personas.startCompiler();
    auto older = std::make_shared<Dialect>(*headDialect());
    older->announced.version = versionWord(1, 104);
    personas.vm_options.dialect = older;
    personas.vm_options.compilations = 2;
    const FakeVMSummary client = personas.runVM();
    const FakeCompilerSummary server = personas.finish();

    EXPECT_EQ(client.failed, 2U);
    EXPECT_EQ(client.stream_failures, 0U);
    EXPECT_EQ(client.connections, 3U);  // a new one after each refusal, and the goodbye
    EXPECT_THAT(personas.client.compilations, Each(Field(&CompilationReport::status, 52U)));
    EXPECT_EQ(server.stream_failures, 2U);
    EXPECT_EQ(server.compilations(), 0U);
    EXPECT_EQ(compiler.sessions().size(), 0U);
    EXPECT_THAT(personas.server.ends,
                Contains(Field(&StreamEndReport::detail, HasSubstr("client 1.104, server 1.105"))));
  });
}

TEST_P(PersonasTest, AServerThatAcceptsAnyVersionServesIt) {
  run([](Runtime& runtime, Carrier carrier) {
    Personas personas(runtime, carrier);
    personas.compiler_options.stream.accept_any_version = true;
    personas.startCompiler();
    auto older = std::make_shared<Dialect>(*headDialect());
    older->announced.version = versionWord(1, 104);
    personas.vm_options.dialect = older;
    EXPECT_EQ(personas.runVM().compiled, 1U);
    personas.finish();
  });
}

TEST_P(PersonasTest, ManyClientsShareTheThreads) {
  run([](Runtime& runtime, Carrier carrier) {
    Personas personas(runtime, carrier);
    personas.compiler_options.compilation_threads = 2;
    personas.startCompiler();
    DefaultFrontend frontend(headDialect());
    std::vector<std::unique_ptr<ClientReports>> reports;
    std::vector<std::unique_ptr<Task>> tasks;
    std::atomic<std::uint64_t> compiled{0};
    for (int i = 0; i < 6; ++i) {
      reports.push_back(std::make_unique<ClientReports>());
      tasks.push_back(runtime.spawn("vm", [&, observer = reports.back().get()] {
        FakeVMOptions options = personas.vm_options;
        options.compilations = 4;
        options.compilation_threads = 2;
        compiled += FakeVM(runtime, options, frontend, *observer).run().compiled;
      }));
    }
    for (const auto& task : tasks) task->join();
    const FakeCompilerSummary server = personas.finish();
    EXPECT_EQ(compiled.load(), 24U);
    EXPECT_EQ(server.compiled, 24U);
    std::set<std::uint64_t> clients;
    for (const auto& report : personas.server.compilations) clients.insert(report.client_uid);
    EXPECT_THAT(clients, SizeIs(6));
  });
}

struct ReleaseAndBuild {
  std::string release;
  Build build;
};

void PrintTo(const ReleaseAndBuild& each, std::ostream* out) {
  *out << each.release << ' ' << toString(each.build);
}

std::vector<ReleaseAndBuild> allReleases() {
  std::vector<ReleaseAndBuild> result;
  for (const std::string& release : Catalogue::builtIn().releases()) {
    for (const Build build : {Build::openjdk, Build::j9}) result.push_back({release, build});
  }
  return result;
}

class EveryReleaseTest : public ::testing::TestWithParam<ReleaseAndBuild> {};

/// In the simulation: virtual time, one thread of the machine.
TEST_P(EveryReleaseTest, PersonasOfItCompile) {
  const auto table = Catalogue::builtIn().table(GetParam().release, GetParam().build);
  ASSERT_TRUE(table) << table.error();
  const auto dialect = Dialect::make(*table, (*table)->release().defaultVersion());
  ASSERT_TRUE(dialect) << dialect.error();
  allRuntimes().back().run([&](Runtime& runtime) {
    Personas personas(runtime, Carrier::pipe, *dialect);
    personas.vm_options.compilations = 3;
    personas.vm_options.compilation_threads = 2;
    personas.startCompiler();
    const FakeVMSummary client = personas.runVM();
    const FakeCompilerSummary server = personas.finish();
    EXPECT_EQ(client.compiled, 3U);
    for (const CompilationReport& report : personas.client.compilations) {
      EXPECT_GE(report.queries, 4U) << report.detail;
      EXPECT_EQ(report.code_size_bytes, 240U);
    }
    EXPECT_EQ(server.compiled, 3U);
    EXPECT_EQ(server.stream_failures, 0U);
    EXPECT_EQ(client.messages_sent, server.messages_received);
  });
}

constexpr auto kNameOfRelease = [](const auto& info) {
  std::string name = info.param.release + "_" + toString(info.param.build);
  std::ranges::replace(name, '.', '_');
  return name;
};

INSTANTIATE_TEST_SUITE_P(, EveryReleaseTest, ::testing::ValuesIn(allReleases()), kNameOfRelease);

constexpr auto kNameOfCarrier = [](const auto& info) { return nameOf(info.param); };

/// At each of many moments: while it connects, in mid conversation, between two compilations, in its goodbye.
class KilledPersonaTest : public ::testing::TestWithParam<Carrier> {
 protected:
  static void atEachMoment(const std::function<void(Runtime&, Duration)>& body) {
    for (std::int64_t moment_us = 0; moment_us < 20'000; moment_us += 370) {
      SimulationOptions options;
      options.seed = static_cast<std::uint64_t>(moment_us) + 1;
      SimulatedRuntime runtime(options);
      runtime.runOrThrow([&] { body(runtime, std::chrono::microseconds(moment_us)); });
    }
  }
};
INSTANTIATE_TEST_SUITE_P(, KilledPersonaTest, ::testing::Values(Carrier::tcp, Carrier::pipe, Carrier::tls),
                         kNameOfCarrier);

TEST_P(KilledPersonaTest, TheServerServesOthersAfterAVMHasDied) {
  atEachMoment([](Runtime& runtime, Duration moment) {
    Personas personas(runtime, GetParam());
    personas.startCompiler();
    personas.vm_options.compilations = 5;
    personas.vm_options.compilation_threads = 2;
    DefaultFrontend frontend(headDialect());
    FakeVM vm(runtime, personas.vm_options, frontend, personas.client);
    const auto task = runtime.spawn("VM", [&] { vm.run(); });
    runtime.sleepUntil(runtime.now() + moment);
    vm.kill();
    task->join();
    personas.vm_options.compilations = 1;
    EXPECT_EQ(personas.runVM().compiled, 1U);
    personas.finish();
  });
}

TEST_P(KilledPersonaTest, TheVMGoesOnAloneAfterTheServerHasDied) {
  atEachMoment([](Runtime& runtime, Duration moment) {
    Personas personas(runtime, GetParam());
    FakeCompiler& compiler = personas.startCompiler();
    personas.vm_options.compilations = 5;
    personas.vm_options.compilation_threads = 2;
    FakeVMSummary summary;
    const auto task = runtime.spawn("VM", [&] { summary = personas.runVM(); });
    runtime.sleepUntil(runtime.now() + moment);
    compiler.kill();
    task->join();
    EXPECT_EQ(summary.compiled + summary.failed + summary.local, 5U);
    EXPECT_EQ(compiler.parkedStreams(), 0U);
  });
}

}  // namespace
}  // namespace jitrig::test
