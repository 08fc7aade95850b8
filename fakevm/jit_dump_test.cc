#include "fakevm/jit_dump.h"

#include "fakevm/scripted_server_test_support.h"

namespace jitrig::test {
namespace {

using ::testing::HasSubstr;

/// What is told of JitDumps and of the attempts that they belong to, in this order.
struct Told final : FakeVMObserver {
  void onCompilation(const CompilationReport& report) override { attempts.push_back(report); }
  void onJitDump(const CompilationReport& report) override {
    EXPECT_TRUE(attempts.empty());
    jit_dumps.push_back(report);
  }

  std::vector<CompilationReport> attempts;
  std::vector<CompilationReport> jit_dumps;
};

void ask(ServerStream& stream, std::string_view query) {
  stream.write(numberOf(query), requestValues(query));
  stream.readReply();
}

void tellOfCrash(ServerStream& stream) {
  stream.readCompileRequestMessage();
  ask(stream, "jitDumpPrintIL");
  ask(stream, "compilationThreadCrashed");
}

/// A VM with one method, and a server that is led through one connection.
FakeVMSummary compileOne(Runtime& runtime, ClientLife life, FakeVMObserver& observer,
                         const std::function<void(ServerStream&)>& server_part) {
  std::unique_ptr<Task> server;
  DefaultFrontend frontend(headDialect());
  FakeVMOptions options;
  options.dialect = headDialect();
  options.life.life = life;
  options.connect = [&]() -> std::unique_ptr<ByteStream> {
    // The goodbye's connection finds nobody.
    if (server) throw StreamFailure(StreamFailure::Cause::connect, "there is only one connection");
    auto [near, far] = runtime.makePipe("pipe");
    server = runtime.spawn("server", [&, end = std::move(far)]() mutable {
      ServerStream stream(runtime, overPipe(std::move(end)), headDialect(), {});
      server_part(stream);
    });
    return overPipe(std::move(near));
  };
  const FakeVMSummary summary = FakeVM(runtime, options, frontend, observer).run();
  server->join();
  return summary;
}

class JitDumpTest : public ::testing::TestWithParam<RuntimeUnderTest> {};
INSTANTIATE_TEST_SUITE_P(, JitDumpTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

TEST_P(JitDumpTest, IsAskedForWhereTheServerCrashedAndTheMethodIsCompiledLocally) {
  GetParam().run([](Runtime& runtime) {
    Told told;
    const FakeVMSummary summary = compileOne(runtime, ClientLife::asReal, told, [](ServerStream& stream) {
      tellOfCrash(stream);
      stream.readCompileRequestMessage();
      const auto request = toValues(stream.message());
      EXPECT_EQ(request[1], Value(std::uint32_t{2}));  // the number behind that of the method's request
      EXPECT_EQ(request[2], Value(std::uint32_t{0}));  // it waits for none
      const Value dump_method =
          Value::Object{.bytes = {std::byte{2}, std::byte{0}, std::byte{0}, std::byte{0}}};
      EXPECT_EQ(request[7], dump_method);
      ask(stream, "VM_isClassArray");
      stream.write(headDialect()->compilation_code, requestValues("compilationCode"));
    });
    ASSERT_EQ(told.jit_dumps.size(), 1U);
    EXPECT_EQ(told.jit_dumps[0].result, CompilationResult::compiled);
    EXPECT_EQ(told.jit_dumps[0].queries, 1U);
    ASSERT_EQ(told.attempts.size(), 2U);
    EXPECT_EQ(told.attempts[0].result, CompilationResult::failed);
    EXPECT_THAT(told.attempts[0].detail, HasSubstr("; its JitDump: compiled"));
    EXPECT_EQ(told.attempts[1].result, CompilationResult::local);
    EXPECT_EQ(summary.jit_dumps, 1U);
    EXPECT_EQ(summary.connections, 1U);
    EXPECT_EQ(summary.stream_failures, 0U);
  });
}

/// R15.
TEST_P(JitDumpTest, WhatBecomesOfItIsNothingToTheMethod) {
  GetParam().run([](Runtime& runtime) {
    Told told;
    const FakeVMSummary summary = compileOne(runtime, ClientLife::oneTry, told, [](ServerStream& stream) {
      tellOfCrash(stream);
      stream.readCompileRequestMessage();  // and closes
    });
    ASSERT_EQ(told.jit_dumps.size(), 1U);
    EXPECT_EQ(told.jit_dumps[0].result, CompilationResult::terminated);
    ASSERT_EQ(told.attempts.size(), 1U);
    EXPECT_EQ(told.attempts[0].result, CompilationResult::failed);
    EXPECT_EQ(summary.stream_failures, 0U);
  });
}

}  // namespace
}  // namespace jitrig::test
