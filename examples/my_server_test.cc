// Your server is under test; jitrig's FakeVM is its client.

#include "my_server.h"

#include <chrono>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <utility>

#include "fakevm/default_frontend.h"
#include "fakevm/fake_vm.h"
#include "fakevm/mock_fake_vm_observer.h"
#include "fakevm/mock_frontend.h"
#include "protocol/catalogue/messages.h"
#include "protocol/catalogue/version_word.h"
#include "protocol/runtime/simulation/simulated_runtime.h"

namespace {

using namespace std::chrono_literals;
using jitrig::Answer;
using jitrig::CompilationReport;
using jitrig::CompilationResult;
using testing::ByMove;
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

/// A compilation's front end answers the server's queries, as a VM would: here with zeros of the right types,
/// for everything that a test does not expect otherwise.
std::unique_ptr<NiceMock<jitrig::MockCompilationFrontend>> compilation(std::uint64_t number) {
  auto frontend = std::make_unique<NiceMock<jitrig::MockCompilationFrontend>>();
  frontend->delegateTo(jitrig::DefaultFrontend(dialect()).beginCompilation(number));
  return frontend;
}

auto isQuery(std::uint16_t type) {
  return Property("type", &jitrig::Message::type, type);
}
auto endsAs(CompilationResult result) {
  return Field("result", &CompilationReport::result, result);
}

/// Each test runs in 20 worlds. In each the clock is virtual, and the seed decides which task runs when and
/// how the network cuts and delays the bytes. A test that fails under one seed fails so every time:
///   my_server_test --gtest_filter='*/7'
class MyServerTest : public testing::TestWithParam<std::uint64_t> {
 protected:
  /// Runs the body as the main task of a world; throws if the world comes to a deadlock.
  static void inAWorld(const std::function<void(jitrig::Runtime&)>& body) {
    jitrig::SimulatedRuntime runtime({.seed = GetParam()});
    runtime.runOrThrow([&] { body(runtime); });
  }

  static jitrig::FakeVMOptions optionsFor(const my::Server& server) {
    jitrig::FakeVMOptions options;
    options.server = {"127.0.0.1", server.port()};
    options.dialect = dialect();
    return options;
  }

  NiceMock<jitrig::MockFakeVMObserver> observer_;
};
INSTANTIATE_TEST_SUITE_P(Seeds, MyServerTest, testing::Range<std::uint64_t>(1, 21));

TEST_P(MyServerTest, CompilesForManyThreads) {
  inAWorld([this](jitrig::Runtime& runtime) {
    my::Server server(runtime, dialect());
    jitrig::FakeVMOptions options = optionsFor(server);
    options.compilations = 10;
    options.compilation_threads = 3;
    jitrig::DefaultFrontend frontend(dialect());  // nothing special about the answers
    EXPECT_CALL(observer_, onCompilation(Field("code", &CompilationReport::code_size_bytes, 2))).Times(10);
    EXPECT_EQ(jitrig::FakeVM(runtime, options, frontend, observer_).run().compiled, 10U);
    EXPECT_EQ(server.clientsLost(), 0);
  });
}

TEST_P(MyServerTest, RefusesMethodsOfArrayClasses) {
  inAWorld([this](jitrig::Runtime& runtime) {
    auto of_array_class = compilation(0);
    EXPECT_CALL(*of_array_class, answer(isQuery(jitrig::head::VM_isClassArray::kNumber)))
        .WillOnce(Return(Answer{.kind = Answer::Kind::reply, .values = {true}}));
    jitrig::MockFrontend frontend;
    EXPECT_CALL(frontend, beginCompilation(0)).WillOnce(Return(ByMove(std::move(of_array_class))));

    EXPECT_CALL(observer_, onCompilation(Field("status", &CompilationReport::status, 4U)));
    my::Server server(runtime, dialect());
    jitrig::FakeVM(runtime, optionsFor(server), frontend, observer_).run();
  });
}

/// The protocol's patience is 30 seconds. At virtual time this test takes a millisecond.
TEST_P(MyServerTest, GivesUpAClientThatFallsSilentAndServesTheNext) {
  inAWorld([this](jitrig::Runtime& runtime) {
    auto silent = compilation(0);
    EXPECT_CALL(*silent, answer).WillOnce([&](const auto&) {
      runtime.sleepUntil(runtime.now() + 1h);
      return Answer{.kind = Answer::Kind::reply, .values = {false}};
    });
    jitrig::MockFrontend frontend;
    EXPECT_CALL(frontend, beginCompilation(0)).WillOnce(Return(ByMove(std::move(silent))));
    EXPECT_CALL(frontend, beginCompilation(1)).WillOnce(Return(ByMove(compilation(1))));
    {
      const InSequence in_this_order;
      EXPECT_CALL(observer_, onCompilation(endsAs(CompilationResult::terminated)));
      EXPECT_CALL(observer_, onCompilation(endsAs(CompilationResult::compiled)));
    }
    my::Server server(runtime, dialect());
    jitrig::FakeVMOptions options = optionsFor(server);
    options.compilations = 2;
    jitrig::FakeVM(runtime, options, frontend, observer_).run();
    EXPECT_EQ(server.clientsLost(), 1);
  });
}

TEST_P(MyServerTest, TellsAClientOfAnotherVersion) {
  inAWorld([this](jitrig::Runtime& runtime) {
    my::Server server(runtime, dialect());
    auto older = std::make_shared<jitrig::Dialect>(*dialect());
    older->announced.version = jitrig::versionWord(1, 104);
    jitrig::FakeVMOptions options = optionsFor(server);
    options.dialect = older;
    jitrig::DefaultFrontend frontend(older);
    EXPECT_CALL(observer_, onCompilation(Field("status", &CompilationReport::status,
                                               dialect()->status_version_incompatible)));
    jitrig::FakeVM(runtime, options, frontend, observer_).run();
  });
}

}  // namespace
