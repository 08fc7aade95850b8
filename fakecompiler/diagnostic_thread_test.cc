#include "fakecompiler/diagnostic_thread.h"

#include <atomic>

#include "fakecompiler/fake_compiler_test_support.h"

namespace jitrig::test {
namespace {

constexpr std::uint64_t kCrashingClient = 4711;

/// One compilation that asks VM_isClassArray, and crashes.
Script crashingScript() {
  Script script = scriptAsking({"VM_isClassArray"});
  EXPECT_TRUE(addCrash(*headDialect(), script.compilations[0]));
  return script;
}

void answer(ClientStream& client, std::string_view query) {
  ASSERT_EQ(client.read(), numberOf(query));
  client.write(numberOf(query), defaultValues(*headDialect()->table->find(numberOf(query))->reply));
}

/// Asks for a compilation, up to the answer that the crash is known.
void crash(ClientStream& client, std::uint64_t client_uid = kCrashingClient) {
  client.buildCompileRequest(requestOf(client_uid));
  for (const std::string_view query : {"VM_isClassArray", "jitDumpPrintIL", "compilationThreadCrashed"})
    answer(client, query);
}

void askForJitDump(ClientStream& client, std::uint64_t client_uid = kCrashingClient) {
  std::vector<Value> request = requestOf(client_uid);
  request[7] = Value::Object{.bytes = {std::byte{2}, std::byte{0}, std::byte{0}, std::byte{0}}};
  client.buildCompileRequest(request);
}

void expectJitDump(ClientStream& client) {
  answer(client, "VM_isClassArray");
  EXPECT_EQ(client.read(), headDialect()->compilation_code);
}

class DiagnosticThreadTest : public ::testing::TestWithParam<RuntimeUnderTest> {
 protected:
  template <class Body>
  static void run(std::size_t threads, Body body) {
    GetParam().run([&](Runtime& runtime) {
      RunningCompiler compiler(runtime, crashingScript(), {}, threads);
      body(runtime, compiler);
    });
  }
};
INSTANTIATE_TEST_SUITE_P(, DiagnosticThreadTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

/// The only compilation thread is the one that has crashed.
TEST_P(DiagnosticThreadTest, ServesTheJitDumpOutsideOfTheOrder) {
  run(1, [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    crash(*client);
    askForJitDump(*client);
    expectJitDump(*client);
    // Closed by the server when all was reported: stopped earlier, it could break its own last write.
    EXPECT_THROW(client->read(), StreamFailure);
    compiler.compiler().stop();
    ASSERT_EQ(compiler.reports.jit_dumps.size(), 1U);
    EXPECT_EQ(compiler.reports.jit_dumps[0].thread, DiagnosticThread::kIndex);
    EXPECT_EQ(compiler.reports.jit_dumps[0].outcome, CompilationOutcome::compiled);
    ASSERT_EQ(compiler.reports.compilations.size(), 1U);
    EXPECT_EQ(compiler.reports.compilations[0].outcome, CompilationOutcome::failed);
    EXPECT_EQ(compiler.reports.count(RequestOrderEvent::Outcome::runs), 1);  // the one that crashed
  });
}

TEST_P(DiagnosticThreadTest, NothingElseIsServedAfterACrash) {
  run(2, [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    crash(*client);
    for (const bool on_the_same_connection : {true, false}) {
      const auto other = on_the_same_connection ? nullptr : compiler.connect();
      ClientStream& stream = on_the_same_connection ? *client : *other;
      stream.buildCompileRequest(requestOf(kCrashingClient));
      EXPECT_EQ(stream.read(), headDialect()->compilation_failure);
      EXPECT_EQ(toValues(stream.message())[0].get<std::uint32_t>()[0],
                headDialect()->table->release().statusCode("compilationStreamFailure"));
    }
    compiler.compiler().stop();
    EXPECT_TRUE(compiler.reports.jit_dumps.empty());
  });
}

/// And who crashed waits until its own was served.
TEST_P(DiagnosticThreadTest, JitDumpsAreServedOneAfterTheOther) {
  GetParam().run([](Runtime& runtime) {
    const ScriptedCompilation crashed;
    std::atomic<int> at_work = 0;
    std::atomic<int> served = 0;
    DiagnosticThread diagnostics(
        runtime, [&](const std::unique_ptr<ServerStream>& stream, const ScriptedCompilation& which) {
          EXPECT_NE(stream, nullptr);
          EXPECT_EQ(&which, &crashed);
          EXPECT_EQ(++at_work, 1);
          runtime.sleepUntil(runtime.now());  // others may go on
          --at_work;
          ++served;
        });
    std::vector<std::unique_ptr<Task>> threads;
    for (int i = 0; i < 3; ++i) {
      threads.push_back(runtime.spawn("crashed thread", [&] {
        auto [near, far] = runtime.makePipe("pipe");
        const int before = served;
        diagnostics.serve(
            std::make_unique<ServerStream>(runtime, std::make_unique<ConnectionByteStream>(std::move(far)),
                                           headDialect(), ServerStreamOptions{}),
            crashed);
        EXPECT_GT(served, before);
      }));
    }
    for (const auto& thread : threads) thread->join();
    EXPECT_EQ(served, 3);
    diagnostics.stop();
  });
}

TEST_P(DiagnosticThreadTest, TheServerEndsWhileItWaitsForTheRequest) {
  run(1, [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    crash(*client);
    compiler.compiler().stop();
    EXPECT_TRUE(compiler.reports.jit_dumps.empty());
  });
}

/// The compilation thread that crashed waits no longer than the connection lasts.
TEST_P(DiagnosticThreadTest, AClientThatClosesAsksForNothing) {
  run(1, [](Runtime&, RunningCompiler& compiler) {
    for (int i = 0; i < 3; ++i) {
      const auto client = compiler.connect();
      if (i == 0) crash(*client);
    }
    const auto other = compiler.connect();
    other->buildCompileRequest(requestOf(kCrashingClient));
    EXPECT_EQ(other->read(), headDialect()->compilation_failure);
  });
}

}  // namespace
}  // namespace jitrig::test
