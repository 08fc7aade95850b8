// Your client is under test; jitrig's FakeCompiler is its server, and does what a script says.

#include "my_client.h"

#include <chrono>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include "fakecompiler/fake_compiler.h"
#include "fakecompiler/mock_fake_compiler_observer.h"
#include "fakecompiler/script_yaml.h"
#include "fakevm/default_frontend.h"
#include "fakevm/mock_frontend.h"
#include "protocol/catalogue/messages.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "scenarios/dialogue/dialogue.h"
#include "scenarios/fault/cut_point.h"
#include "scenarios/fault/fault_set.h"

namespace {

using jitrig::Answer;
using jitrig::CompilationOutcome;
using jitrig::ServerCompilationReport;
using testing::AllOf;
using testing::Field;
using testing::InSequence;
using testing::NiceMock;
using testing::Property;
using testing::Return;

/// What both sides speak: here the protocol of JITServer's head. Reads the catalogue, so make it once.
const std::shared_ptr<const jitrig::Dialect>& dialect() {
  static const auto kDialect = jitrig::defaultDialect();
  return kDialect;
}

/// The server's side of a compilation, as `jitrig fakecompiler --script` reads it from a file. A capture of a
/// real conversation would do as well: fakecompiler/script_from_recording.h.
constexpr const char* kTwoQuestions = R"(
compilations:
  - queries: [VM_isClassArray, VM_isClassInitialized]
    end: code
)";
constexpr int kMessagesOfTwoQuestions = 3;  // two queries and the code

constexpr const char* kRefusal = R"(
compilations:
  - end: failure
    status: compilationExcessiveComplexity
)";

auto isQuery(std::uint16_t type) {
  return Property("type", &jitrig::Message::type, type);
}
Answer reply(bool value) {
  return {.kind = Answer::Kind::reply, .values = {value}};
}
auto endsAs(CompilationOutcome outcome) {
  return Field("outcome", &ServerCompilationReport::outcome, outcome);
}

/// A FakeCompiler in a simulated world, and a VM of which the tests expect the answers.
class MyClientTest : public testing::Test {
 protected:
  MyClientTest() { vm_.delegateTo(jitrig::DefaultFrontend(dialect()).beginCompilation(0)); }

  void withServer(const std::string& script, const std::function<void(jitrig::Runtime&)>& body) {
    jitrig::SimulatedRuntime runtime({.seed = 1});
    runtime.runOrThrow([&] {
      jitrig::FakeCompilerOptions options;
      options.listener = {.endpoint = {"127.0.0.1", 0}, .health_port = std::nullopt};
      options.dialect = dialect();
      auto parsed = jitrig::parseScript(script, "script", *dialect());
      if (!parsed) throw std::runtime_error(parsed.error());
      options.script = std::move(*parsed);
      auto server = jitrig::FakeCompiler::make(runtime, std::move(options), observer_);
      if (!server) throw std::runtime_error(server.error().detail);
      port_ = (*server)->port();
      (*server)->start();
      body(runtime);
      // Let the server hear the client's last words. A minute of virtual time costs nothing.
      (*server)->waitForGoodbyes(runtime.now() + std::chrono::minutes(1));
    });
  }

  my::Client::Connect connection(jitrig::Runtime& runtime) const {
    return [&runtime, port = port_] { return jitrig::connectTo(runtime, {"127.0.0.1", port}, {}); };
  }

  std::uint16_t port_ = 0;
  NiceMock<jitrig::MockCompilationFrontend> vm_;
  NiceMock<jitrig::MockFakeCompilerObserver> observer_;
};

TEST_F(MyClientTest, AsksTheVMOncePerQueryAndInOrder) {
  withServer(kTwoQuestions, [this](jitrig::Runtime& runtime) {
    const InSequence in_this_order;
    EXPECT_CALL(vm_, compilationRequest);
    EXPECT_CALL(vm_, answer(isQuery(jitrig::head::VM_isClassArray::kNumber))).WillOnce(Return(reply(false)));
    EXPECT_CALL(vm_, answer(isQuery(jitrig::head::VM_isClassInitialized::kNumber)))
        .WillOnce(Return(reply(true)));
    // The server is content only if the answers had the types of the protocol.
    EXPECT_CALL(observer_, onCompilation(AllOf(endsAs(CompilationOutcome::compiled),
                                               Field("queries", &ServerCompilationReport::queries, 2U))));

    my::Client client(runtime, dialect(), connection(runtime));
    EXPECT_EQ(client.compile(vm_), my::Outcome::compiledRemotely);
  });
}

TEST_F(MyClientTest, CompilesLocallyWhatTheServerRefusesAndDoesNotAskAgain) {
  withServer(kRefusal, [this](jitrig::Runtime& runtime) {
    EXPECT_CALL(vm_, compilationRequest).Times(1);
    EXPECT_CALL(vm_, answer).Times(0);
    my::Client client(runtime, dialect(), connection(runtime));
    EXPECT_EQ(client.compile(vm_), my::Outcome::compiledLocally);
  });
}

TEST_F(MyClientTest, CompilesLocallyWhereThereIsNoServer) {
  withServer(kTwoQuestions, [this](jitrig::Runtime& runtime) {
    EXPECT_CALL(vm_, compilationRequest).Times(0);
    my::Client client(runtime, dialect(), []() -> std::unique_ptr<jitrig::ByteStream> {
      throw jitrig::StreamFailure(jitrig::StreamFailure::Cause::connect, "nobody listens");
    });
    EXPECT_EQ(client.compile(vm_), my::Outcome::compiledLocally);
  });
}

/// What goes over the wire, word for word: `<<` is what the client must say, `>>` what arrives at it.
TEST_F(MyClientTest, AnnouncesItsVersionUntilACompilationHasPassed) {
  using namespace jitrig::dialogue;
  jitrig::SimulatedRuntime runtime({.seed = 1});
  runtime.runOrThrow([&] {
    const Placeholder<std::uint64_t> uid("client UID");
    Dialogue dialogue(runtime, dialect());
    dialogue << message("compilationRequest", uid, 1U, kTheRest).announcing(dialect()->announced) >>
        message("compilationCode", "code", kTheRest)
            << message("compilationRequest", uid, 2U, kTheRest).announcing({}) >>
        message("VM_isClassArray", jitrig::RemotePointer{0x1000}) << message("VM_isClassArray", false) >>
        message("compilationCode", "code", kTheRest) << message("connectionTerminate") << ends();
    dialogue.begin();
    {
      my::Client client(runtime, dialect(), [&] { return dialogue.codesEnd(); });
      EXPECT_EQ(client.compile(vm_), my::Outcome::compiledRemotely);
      EXPECT_EQ(client.compile(vm_), my::Outcome::compiledRemotely);
    }
    EXPECT_TRUE(dialogue.end());
    EXPECT_NE(*uid, 0U);
  });
}

/// The connection is reset when the server's n-th message of the compilation arrives, for every n there is.
class MyClientCutTest : public MyClientTest, public testing::WithParamInterface<int> {};
INSTANTIATE_TEST_SUITE_P(AtEveryMessage, MyClientCutTest, testing::Range(1, kMessagesOfTwoQuestions + 1));

TEST_P(MyClientCutTest, AsksOnceMoreOverANewConnection) {
  const auto message = static_cast<std::uint64_t>(GetParam());
  withServer(kTwoQuestions, [&](jitrig::Runtime& runtime) {
    const auto faults =
        jitrig::FaultSet::make(runtime, dialect(), {jitrig::faultAt({.compilation = 1, .query = message})})
            .value();
    const auto connect = [&faults, connect = connection(runtime)] {
      return faults->decorate(connect(), jitrig::Direction::client);
    };

    EXPECT_CALL(vm_, compilationRequest).Times(2);
    // The first time up to the cut; the second time both.
    EXPECT_CALL(vm_, answer).Times(static_cast<int>(message) - 1 + 2);
    // Where the code was lost, the server had done its work.
    const bool code_lost = message == kMessagesOfTwoQuestions;
    EXPECT_CALL(observer_, onCompilation(endsAs(CompilationOutcome::streamFailure))).Times(code_lost ? 0 : 1);
    EXPECT_CALL(observer_, onCompilation(endsAs(CompilationOutcome::compiled))).Times(code_lost ? 2 : 1);

    my::Client client(runtime, dialect(), connect);
    EXPECT_EQ(client.compile(vm_), my::Outcome::compiledRemotely);
    EXPECT_EQ(faults->firingCount(), 1U);
  });
}

}  // namespace
