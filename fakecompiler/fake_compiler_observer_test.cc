#include <array>

#include "fakecompiler/fake_compiler_test_support.h"
#include "fakecompiler/mock_fake_compiler_observer.h"

namespace jitrig::test {
namespace {

using ::testing::AllOf;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::InSequence;
using ::testing::StrictMock;

/// What the observer is told, and how often.
class FakeCompilerObserverTest : public ::testing::TestWithParam<RuntimeUnderTest> {
 protected:
  static std::unique_ptr<FakeCompiler> started(Runtime& runtime, FakeCompilerObserver& observer) {
    FakeCompilerOptions options;
    options.listener = {.endpoint = {"127.0.0.1", 0}, .health_port = 0};
    options.dialect = headDialect();
    options.script = scriptAsking({"VM_isClassArray"});
    options.max_compilations = 1;
    auto compiler = FakeCompiler::make(runtime, std::move(options), observer);
    if (!compiler) throw std::runtime_error(compiler.error().detail);
    (*compiler)->start();
    return std::move(*compiler);
  }
  static std::unique_ptr<ClientStream> connect(Runtime& runtime, const FakeCompiler& compiler) {
    return ClientStream::connect(runtime, {"127.0.0.1", compiler.port()}, headDialect(), {});
  }
};
INSTANTIATE_TEST_SUITE_P(, FakeCompilerObserverTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

TEST_P(FakeCompilerObserverTest, HearsOfACompilationAndThenOfTheGoodbye) {
  GetParam().run([](Runtime& runtime) {
    StrictMock<MockFakeCompilerObserver> observer;
    {
      const InSequence in_order;
      EXPECT_CALL(observer, onCompilation(AllOf(
                                Field(&ServerCompilationReport::client_uid, 4711U),
                                Field(&ServerCompilationReport::outcome, CompilationOutcome::compiled))));
      EXPECT_CALL(observer,
                  onStreamEnd(AllOf(Field(&StreamEndReport::failure, false),
                                    Field(&StreamEndReport::detail, "the client ends the connection"))));
    }
    const auto compiler = started(runtime, observer);
    const auto client = connect(runtime, *compiler);
    client->buildCompileRequest(requestOf(4711));
    client->read();
    client->write(numberOf("VM_isClassArray"), true);
    EXPECT_EQ(client->read(), headDialect()->compilation_code);
    sayGoodbye(*client);
    compiler->stop();
  });
}

/// A stream that breaks in a compilation is that compilation's report, and no second one.
TEST_P(FakeCompilerObserverTest, HearsOfABreakInACompilationOnce) {
  GetParam().run([](Runtime& runtime) {
    StrictMock<MockFakeCompilerObserver> observer;
    EXPECT_CALL(observer, onCompilation(AllOf(
                              Field(&ServerCompilationReport::outcome, CompilationOutcome::streamFailure),
                              Field(&ServerCompilationReport::detail, HasSubstr("closed")))));
    const auto compiler = started(runtime, observer);
    auto client = connect(runtime, *compiler);
    client->buildCompileRequest(requestOf(4711));
    client->read();
    client.reset();
    EXPECT_TRUE(compiler->waitForCompilations());
    compiler->stop();
  });
}

TEST_P(FakeCompilerObserverTest, HearsNothingOfHealthProbes) {
  GetParam().run([](Runtime& runtime) {
    StrictMock<MockFakeCompilerObserver> observer;
    const auto compiler = started(runtime, observer);
    for (int probe = 0; probe < 3; ++probe) {
      const auto connection =
          runtime.connect({"127.0.0.1", compiler->healthPort().value()}, runtime.now() + kPatience);
      ASSERT_TRUE(connection);
      std::array<std::byte, 1> buffer{};
      const auto count = (*connection)->readSome(buffer, runtime.now() + kPatience);
      ASSERT_FALSE(count);
      EXPECT_EQ(count.error().code, NetErrc::endOfFile);
    }
    compiler->stop();
  });
}

}  // namespace
}  // namespace jitrig::test
