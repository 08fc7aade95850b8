#include "fakevm/fake_vm.h"

#include <chrono>
#include <set>
#include <utility>

#include "fakevm/scripted_server_test_support.h"

namespace jitrig::test {
namespace {

using ::testing::_;
using ::testing::AllOf;
using ::testing::ByMove;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::InSequence;
using ::testing::NiceMock;
using ::testing::Return;
using ::testing::SizeIs;
using ::testing::StrictMock;
using ::testing::UnorderedElementsAre;

/// What a server sees of one request.
struct SeenRequest {
  FullVersion version;
  std::uint64_t client_uid = 0;
  std::uint32_t sequence_number = 0;
};

/// Serves each connection in a task of its own: `serve` is called for each request on it, until false.
class ScriptedServer {
 public:
  using Serve = std::function<bool(ServerStream&)>;

  ScriptedServer(Runtime& runtime, Serve serve)
      : runtime_(runtime), serve_(std::move(serve)), mutex_(runtime.makeMutex("scripted server")) {}

  std::unique_ptr<ByteStream> connect() {
    auto [near, far] = runtime_.makePipe("pipe");
    const Lock lock(*mutex_);
    tasks_.push_back(runtime_.spawn(
        "server", [this, end = std::move(far)]() mutable { serveConnection(overPipe(std::move(end))); }));
    return overPipe(std::move(near));
  }

  /// After all clients have gone.
  void join() {
    for (const auto& task : tasks_) task->join();
    tasks_.clear();
  }

  std::vector<std::vector<SeenRequest>> connections;
  std::vector<std::string> ends;

 private:
  void serveConnection(std::unique_ptr<ByteStream> bytes) {
    ServerStream stream(runtime_, std::move(bytes), headDialect(), {});
    std::vector<SeenRequest> seen;
    std::string end = "closed by the server";
    try {
      do {
        const Message& request = stream.readCompileRequestMessage();
        const auto values = toValues(request);
        seen.push_back({{request.version(), request.config()},
                        *values[0].get<std::uint64_t>(),
                        *values[1].get<std::uint32_t>()});
      } while (serve_(stream));
    } catch (const StreamException& exception) {
      end = exception.what();
    }
    const Lock lock(*mutex_);
    connections.push_back(std::move(seen));
    ends.push_back(std::move(end));
  }

  Runtime& runtime_;
  Serve serve_;
  std::unique_ptr<Mutex> mutex_;
  std::vector<std::unique_ptr<Task>> tasks_;
};

bool sendCode(ServerStream& stream) {
  stream.finishCompilation(requestValues("compilationCode"));
  return true;
}

struct Ended {
  FakeVMSummary summary;
  std::vector<std::string> server;  ///< what it saw of each connection
};

class FakeVMTest : public ::testing::TestWithParam<RuntimeUnderTest> {
 protected:
  static FakeVMOptions optionsFor(ScriptedServer& server, std::uint64_t compilations,
                                  std::size_t threads = 1) {
    FakeVMOptions options;
    options.dialect = headDialect();
    options.connect = [&server] { return server.connect(); };
    options.compilations = compilations;
    options.compilation_threads = threads;
    return options;
  }

  /// A VM of two threads, both of which owe the server an answer, is ended like that.
  static Ended endInMidConversation(Runtime& runtime, void (FakeVM::*end)()) {
    constexpr std::size_t kThreads = 2;
    const auto mutex = runtime.makeMutex("requested");
    const auto changed = runtime.makeCondition("requested");
    std::size_t requested = 0;
    ScriptedServer server(runtime, [&](ServerStream& stream) {
      {
        const Lock lock(*mutex);
        ++requested;
        changed->notifyAll();
      }
      stream.readReply();  // which never comes
      return false;
    });
    DefaultFrontend frontend(headDialect());
    NiceMock<MockFakeVMObserver> observer;
    FakeVM vm(runtime, optionsFor(server, 1000, kThreads), frontend, observer);
    Ended ended;
    const auto task = runtime.spawn("vm", [&] { ended.summary = vm.run(); });
    {
      Lock lock(*mutex);
      changed->wait(lock, kNever, [&] { return requested == kThreads; });
    }
    (vm.*end)();
    task->join();
    server.join();
    ended.server = server.ends;
    return ended;
  }
};
INSTANTIATE_TEST_SUITE_P(, FakeVMTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

TEST_P(FakeVMTest, AnnouncesItsVersionUntilTheFirstAnswer) {
  GetParam().run([](Runtime& runtime) {
    ScriptedServer server(runtime, sendCode);
    DefaultFrontend frontend(headDialect());
    NiceMock<MockFakeVMObserver> observer;
    FakeVM vm(runtime, optionsFor(server, 3), frontend, observer);
    const FakeVMSummary summary = vm.run();
    server.join();
    EXPECT_EQ(summary.compiled, 3U);
    EXPECT_EQ(summary.connections, 2U);
    ASSERT_THAT(server.connections, SizeIs(2));
    // Which of the two ends first at the server is the system's affair.
    if (server.connections[0].empty()) std::swap(server.connections[0], server.connections[1]);
    ASSERT_THAT(server.connections[0], SizeIs(3));
    EXPECT_EQ(server.connections[0][0].version, headDialect()->announced);
    EXPECT_EQ(server.connections[0][1].version, FullVersion{});
    EXPECT_EQ(server.connections[0][2].version, FullVersion{});
    EXPECT_THAT(server.ends,
                UnorderedElementsAre("the client ends the connection", "the client session ends"));
  });
}

TEST_P(FakeVMTest, AnnouncesItsVersionAgainOnANewConnection) {
  GetParam().run([](Runtime& runtime) {
    ScriptedServer server(runtime, [](ServerStream& stream) { return !sendCode(stream); });
    DefaultFrontend frontend(headDialect());
    NiceMock<MockFakeVMObserver> observer;
    FakeVM vm(runtime, optionsFor(server, 4), frontend, observer);
    const FakeVMSummary summary = vm.run();
    server.join();
    // Each server connection ends after one compilation: the client notices at its next use.
    EXPECT_EQ(summary.compiled, 2U);
    EXPECT_EQ(summary.failed, 2U);
    EXPECT_EQ(summary.stream_failures, 2U);
    for (const auto& connection : server.connections) {
      if (connection.empty()) continue;  // the goodbye's
      EXPECT_EQ(connection.front().version, headDialect()->announced);
    }
  });
}

TEST_P(FakeVMTest, SequenceNumbersCountFromOneOverAllThreads) {
  GetParam().run([](Runtime& runtime) {
    ScriptedServer server(runtime, sendCode);
    DefaultFrontend frontend(headDialect());
    NiceMock<MockFakeVMObserver> observer;
    FakeVM vm(runtime, optionsFor(server, 10, 3), frontend, observer);
    vm.run();
    server.join();
    std::set<std::uint32_t> numbers;
    std::set<std::uint64_t> clients;
    for (const auto& connection : server.connections) {
      for (const SeenRequest& request : connection) {
        numbers.insert(request.sequence_number);
        clients.insert(request.client_uid);
      }
    }
    EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    EXPECT_THAT(clients, ElementsAre(vm.clientUid()));
    EXPECT_NE(vm.clientUid(), 0U);
  });
}

TEST_P(FakeVMTest, EachCompilationHasAFrontEndAndIsReported) {
  GetParam().run([](Runtime& runtime) {
    ScriptedServer server(runtime, [](ServerStream& stream) {
      stream.writeError(6);
      return true;
    });
    NiceMock<MockFrontend> frontend;
    NiceMock<MockFakeVMObserver> observer;
    for (const std::uint64_t number : {0U, 1U}) {
      auto compilation = std::make_unique<NiceMock<MockCompilationFrontend>>();
      EXPECT_CALL(*compilation, methodName).WillOnce(Return("method " + std::to_string(number)));
      EXPECT_CALL(*compilation,
                  compilationRequest(AllOf(Field(&RequestIdentity::client_uid, 99U),
                                           Field(&RequestIdentity::sequence_number, number + 1))))
          .WillOnce([](const RequestIdentity& identity) {
            std::vector<Value> request = requestValues("compilationRequest");
            setIdentity(request, identity);
            return request;
          });
      EXPECT_CALL(frontend, beginCompilation(number)).WillOnce(Return(ByMove(std::move(compilation))));
    }
    {
      const InSequence in_order;
      for (const std::uint64_t number : {0U, 1U}) {
        EXPECT_CALL(observer,
                    onCompilation(AllOf(Field(&CompilationReport::number, number),
                                        Field(&CompilationReport::thread, 0U),
                                        Field(&CompilationReport::method, "method " + std::to_string(number)),
                                        Field(&CompilationReport::result, CompilationResult::failed),
                                        Field(&CompilationReport::status, 6U))));
      }
    }
    FakeVMOptions options = optionsFor(server, 2);
    options.client_uid = 99;
    const FakeVMSummary summary = FakeVM(runtime, options, frontend, observer).run();
    server.join();
    EXPECT_EQ(summary.failed, 2U);
    EXPECT_EQ(summary.stream_failures, 0U);
    EXPECT_EQ(summary.messages_sent, 4U);  // two requests, two goodbyes
    EXPECT_EQ(summary.messages_received, 2U);
  });
}

TEST_P(FakeVMTest, GoesOnAfterABrokenStream) {
  GetParam().run([](Runtime& runtime) {
    int requests = 0;
    ScriptedServer server(runtime, [&](ServerStream& stream) { return ++requests != 2 && sendCode(stream); });
    DefaultFrontend frontend(headDialect());
    StrictMock<MockFakeVMObserver> observer;
    {
      const InSequence in_order;
      using enum CompilationResult;
      for (const CompilationResult result : {compiled, terminated, compiled}) {
        EXPECT_CALL(observer, onCompilation(Field(&CompilationReport::result, result)));
      }
    }
    const FakeVMSummary summary = FakeVM(runtime, optionsFor(server, 3), frontend, observer).run();
    server.join();
    EXPECT_EQ(summary.connections, 3U);
    EXPECT_EQ(summary.stream_failures, 1U);
  });
}

TEST_P(FakeVMTest, CompilesLocallyWhereNobodyListens) {
  GetParam().run([](Runtime& runtime) {
    std::uint16_t port = 0;
    {
      const auto acceptor = runtime.listen({"127.0.0.1", 0});
      ASSERT_TRUE(acceptor);
      port = (*acceptor)->port();
    }
    FakeVMOptions options;
    options.dialect = headDialect();
    options.server = {"127.0.0.1", port};
    options.compilations = 3;
    DefaultFrontend frontend(headDialect());
    NiceMock<MockFakeVMObserver> observer;
    EXPECT_CALL(observer, onCompilation(Field(&CompilationReport::detail, HasSubstr("refused")))).Times(3);
    const FakeVMSummary summary = FakeVM(runtime, options, frontend, observer).run();
    EXPECT_EQ(summary.local, 3U);
    EXPECT_EQ(summary.stream_failures, 3U);
    EXPECT_EQ(summary.connections, 0U);
    EXPECT_THAT(summary.last_connect_error, HasSubstr("refused"));
  });
}

TEST_P(FakeVMTest, WithoutAConnectionNoRequestIsMade) {
  GetParam().run([](Runtime& runtime) {
    FakeVMOptions options;
    options.dialect = headDialect();
    options.connect = []() -> std::unique_ptr<ByteStream> {
      throw StreamFailure(StreamFailure::Cause::connect, "nobody there", NetErrc::unreachable);
    };
    auto compilation = std::make_unique<StrictMock<MockCompilationFrontend>>();
    EXPECT_CALL(*compilation, methodName).WillOnce(Return("a method"));
    StrictMock<MockFrontend> frontend;
    EXPECT_CALL(frontend, beginCompilation(0)).WillOnce(Return(ByMove(std::move(compilation))));
    StrictMock<MockFakeVMObserver> observer;
    EXPECT_CALL(observer, onCompilation(AllOf(Field(&CompilationReport::method, "a method"),
                                              Field(&CompilationReport::result, CompilationResult::local))));
    FakeVM(runtime, options, frontend, observer).run();
  });
}

TEST_P(FakeVMTest, GivesUpIfTheServerWasNeverReached) {
  GetParam().run([](Runtime& runtime) {
    FakeVMOptions options;
    options.dialect = headDialect();
    options.connect = []() -> std::unique_ptr<ByteStream> {
      throw StreamFailure(StreamFailure::Cause::connect, "nobody there", NetErrc::unreachable);
    };
    options.compilations = 1000;
    options.stop_if_unreachable = true;
    DefaultFrontend frontend(headDialect());
    NiceMock<MockFakeVMObserver> observer;
    const FakeVMSummary summary = FakeVM(runtime, options, frontend, observer).run();
    EXPECT_EQ(summary.local, 1U);
    EXPECT_EQ(summary.last_connect_error, "nobody there");
  });
}

/// Waits play a part: only where time is virtual.
class FakeVMLifeTest : public FakeVMTest {
 protected:
  static FakeVMOptions asReal(ScriptedServer& server, std::uint64_t compilations, std::size_t threads = 1) {
    FakeVMOptions options = optionsFor(server, compilations, threads);
    options.life.life = ClientLife::asReal;
    return options;
  }
};

std::vector<RuntimeUnderTest> allSimulations() {
  std::vector<RuntimeUnderTest> runtimes = allRuntimes();
  std::erase_if(runtimes, [](const RuntimeUnderTest& each) { return !each.name.starts_with("simulation"); });
  return runtimes;
}
INSTANTIATE_TEST_SUITE_P(, FakeVMLifeTest, ::testing::ValuesIn(allSimulations()), nameOfRuntime);

auto isAttempt(std::uint64_t number, std::uint32_t attempt, CompilationResult result, bool tried_again) {
  return AllOf(Field("number", &CompilationReport::number, number),
               Field("attempt", &CompilationReport::attempt, attempt),
               Field("result", &CompilationReport::result, result),
               Field("tried_again", &CompilationReport::tried_again, tried_again));
}

TEST_P(FakeVMLifeTest, TriesAMethodAgainOnANewConnection) {
  GetParam().run([](Runtime& runtime) {
    int requests = 0;
    ScriptedServer server(runtime, [&](ServerStream& stream) { return ++requests != 2 && sendCode(stream); });
    DefaultFrontend frontend(headDialect());
    StrictMock<MockFakeVMObserver> observer;
    {
      const InSequence in_order;
      EXPECT_CALL(observer, onCompilation(isAttempt(0, 1, CompilationResult::compiled, false)));
      EXPECT_CALL(observer, onCompilation(isAttempt(1, 1, CompilationResult::terminated, true)));
      EXPECT_CALL(observer, onCompilation(isAttempt(1, 2, CompilationResult::compiled, false)));
      EXPECT_CALL(observer, onCompilation(isAttempt(2, 1, CompilationResult::compiled, false)));
    }
    const FakeVMSummary summary = FakeVM(runtime, asReal(server, 3), frontend, observer).run();
    server.join();
    EXPECT_EQ(summary.compiled, 3U);
    EXPECT_EQ(summary.tried_again, 1U);
    EXPECT_EQ(summary.failed, 0U);
    EXPECT_EQ(summary.stream_failures, 1U);
    ASSERT_THAT(server.connections, SizeIs(3));  // the last one is the goodbye's
    EXPECT_EQ(server.connections[1].front().sequence_number, 3U);
  });
}

TEST_P(FakeVMLifeTest, AfterTwoReadsThatEndAlikeItCompilesItself) {
  GetParam().run([](Runtime& runtime) {
    ScriptedServer server(runtime, [](ServerStream&) { return false; });
    DefaultFrontend frontend(headDialect());
    StrictMock<MockFakeVMObserver> observer;
    {
      const InSequence in_order;
      EXPECT_CALL(observer, onCompilation(isAttempt(0, 1, CompilationResult::terminated, true)));
      EXPECT_CALL(observer, onCompilation(isAttempt(0, 2, CompilationResult::terminated, true)));
      EXPECT_CALL(observer, onCompilation(isAttempt(0, 3, CompilationResult::local, false)));
      EXPECT_CALL(observer, onCompilation(isAttempt(1, 1, CompilationResult::local, false)));
    }
    const FakeVMSummary summary = FakeVM(runtime, asReal(server, 2), frontend, observer).run();
    server.join();
    EXPECT_EQ(summary.local, 2U);
    EXPECT_EQ(summary.stream_failures, 2U);
  });
}

TEST_P(FakeVMLifeTest, AMethodFailsAfterThreeAttempts) {
  GetParam().run([](Runtime& runtime) {
    ScriptedServer server(runtime, [](ServerStream& stream) {
      stream.writeError(headDialect()->table->release().statusCode("compilationStreamLostMessage").value());
      return true;
    });
    DefaultFrontend frontend(headDialect());
    NiceMock<MockFakeVMObserver> observer;
    const FakeVMSummary summary = FakeVM(runtime, asReal(server, 2), frontend, observer).run();
    server.join();
    EXPECT_EQ(summary.failed, 2U);
    EXPECT_EQ(summary.tried_again, 4U);
    EXPECT_EQ(summary.connections, 2U);
  });
}

TEST_P(FakeVMLifeTest, ACrashedServerIsNotAskedForThatMethodAgain) {
  GetParam().run([](Runtime& runtime) {
    int requests = 0;
    ScriptedServer server(runtime, [&](ServerStream& stream) {
      if (++requests != 1) return sendCode(stream);
      stream.write(numberOf("compilationThreadCrashed"), requestValues("compilationThreadCrashed"));
      stream.readReply();
      return false;
    });
    DefaultFrontend frontend(headDialect());
    StrictMock<MockFakeVMObserver> observer;
    {
      const InSequence in_order;
      EXPECT_CALL(observer, onCompilation(isAttempt(0, 1, CompilationResult::failed, true)));
      EXPECT_CALL(observer, onCompilation(isAttempt(0, 2, CompilationResult::local, false)));
      EXPECT_CALL(observer, onCompilation(isAttempt(1, 1, CompilationResult::compiled, false)));
    }
    FakeVM(runtime, asReal(server, 2), frontend, observer).run();
    server.join();
  });
}

TEST_P(FakeVMLifeTest, MethodsComeUpAtTheirTimes) {
  GetParam().run([](Runtime& runtime) {
    ScriptedServer server(runtime, sendCode);
    DefaultFrontend frontend(headDialect());
    NiceMock<MockFakeVMObserver> observer;
    FakeVMOptions options = asReal(server, 4, 3);
    options.interval_ms = 1'000;
    FakeVM(runtime, options, frontend, observer).run();
    server.join();
    EXPECT_GE(runtime.now(), Instant{} + std::chrono::seconds(3));
    EXPECT_LT(runtime.now(), Instant{} + std::chrono::seconds(4));
  });
}

TEST_P(FakeVMLifeTest, StoppedWhileItWaitsForAMethodItEnds) {
  GetParam().run([](Runtime& runtime) {
    ScriptedServer server(runtime, sendCode);
    DefaultFrontend frontend(headDialect());
    NiceMock<MockFakeVMObserver> observer;
    FakeVMOptions options = asReal(server, 1'000, 2);
    options.interval_ms = 1'000;
    FakeVM vm(runtime, options, frontend, observer);
    const auto task = runtime.spawn("vm", [&] { vm.run(); });
    runtime.sleepUntil(runtime.now() + std::chrono::milliseconds(2'500));
    vm.stop();
    task->join();
    server.join();
    EXPECT_LT(runtime.now(), Instant{} + std::chrono::milliseconds(2'600));
  });
}

TEST_P(FakeVMTest, ARequiredServerThatFailsEndsTheVM) {
  GetParam().run([](Runtime& runtime) {
    int requests = 0;
    ScriptedServer server(runtime, [&](ServerStream& stream) { return ++requests != 3 && sendCode(stream); });
    DefaultFrontend frontend(headDialect());
    NiceMock<MockFakeVMObserver> observer;
    FakeVMOptions options = optionsFor(server, 100);
    options.life = {.life = ClientLife::asReal, .require_server = true};
    const FakeVMSummary summary = FakeVM(runtime, options, frontend, observer).run();
    server.join();
    EXPECT_EQ(summary.compiled, 2U);
    EXPECT_EQ(summary.failed, 1U);
    EXPECT_THAT(summary.fatal, HasSubstr("a server is required, and compilation 3 lost its stream"));
    EXPECT_THAT(server.connections, SizeIs(1));  // nobody says goodbye
  });
}

TEST_P(FakeVMTest, StopsFromAnotherTask) {
  GetParam().run([](Runtime& runtime) {
    const Ended ended = endInMidConversation(runtime, &FakeVM::stop);
    EXPECT_EQ(ended.summary.failed, 2U);
    EXPECT_EQ(ended.summary.connections, 2U);  // nobody says goodbye
    EXPECT_THAT(ended.server, ElementsAre(HasSubstr("closed"), HasSubstr("closed")));
  });
}

TEST_P(FakeVMTest, KilledItResetsAllItsConnections) {
  GetParam().run([](Runtime& runtime) {
    const Ended ended = endInMidConversation(runtime, &FakeVM::kill);
    EXPECT_EQ(ended.summary.failed, 2U);
    EXPECT_EQ(ended.summary.connections, 2U);
    EXPECT_THAT(ended.server, ElementsAre(HasSubstr("reset by peer"), HasSubstr("reset by peer")));
  });
}

TEST_P(FakeVMTest, StoppedBeforeItRanItDoesNothing) {
  GetParam().run([](Runtime& runtime) {
    ScriptedServer server(runtime, sendCode);
    DefaultFrontend frontend(headDialect());
    NiceMock<MockFakeVMObserver> observer;
    EXPECT_CALL(observer, onCompilation(_)).Times(0);
    FakeVM vm(runtime, optionsFor(server, 3, 2), frontend, observer);
    vm.stop();
    EXPECT_EQ(vm.run().connections, 0U);
  });
}

}  // namespace
}  // namespace jitrig::test
