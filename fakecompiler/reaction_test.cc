#include <array>
#include <atomic>
#include <new>

#include "fakecompiler/fake_compiler_test_support.h"
#include "protocol/stream/byte_stream_decorator.h"

// semantics.md, section 4: for everything that can go wrong with a request or a compilation, what the client
// is told, what becomes of the stream, and of the session.
namespace jitrig::test {
namespace {

using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr std::uint64_t kClient = 4711;

class ReactionTest : public ::testing::TestWithParam<RuntimeUnderTest> {
 protected:
  using Body = std::function<void(Runtime&, RunningCompiler&)>;

  void run(Script script, const Body& body, RunningCompiler::Decorate decorate = {}) {
    GetParam().run([&](Runtime& runtime) {
      RunningCompiler compiler(runtime, script, decorate);
      body(runtime, compiler);
    });
  }
  /// There is no memory the first time somebody wants some there.
  void runOutOfMemory(AllocationPlace place, const Body& body) {
    GetParam().run([&](Runtime& runtime) {
      std::atomic<bool> first = true;
      RunningCompiler compiler(runtime, oneQuestion(), {}, 1,
                               [&](AllocationPlace each) { return each == place && first.exchange(false); });
      body(runtime, compiler);
    });
  }

  static Script oneQuestion() { return scriptAsking({"VM_isClassArray"}); }

  static void expectFailure(ClientStream& client, std::uint32_t status, std::uint64_t other = kNoOtherData) {
    ASSERT_EQ(client.read(), headDialect()->compilation_failure);
    EXPECT_EQ((client.getRecvData<std::uint32_t, std::uint64_t>()), std::tuple(status, other));
  }
  static void expectClosed(ClientStream& client) {
    try {
      client.read();
      ADD_FAILURE() << "a message instead of the end";
    } catch (const StreamFailure& failure) {
      EXPECT_EQ(failure.cause(), StreamFailure::Cause::endOfStream) << failure.what();
    }
  }
  static void expectCompiles(ClientStream& client) {
    client.buildCompileRequest(requestOf(kClient));
    EXPECT_EQ(client.read(), numberOf("VM_isClassArray"));
    client.write(numberOf("VM_isClassArray"), true);
    EXPECT_EQ(client.read(), headDialect()->compilation_code);
  }
  /// Begins a compilation and reads its one question.
  static void askToCompile(ClientStream& client) {
    client.buildCompileRequest(requestOf(kClient));
    ASSERT_EQ(client.read(), numberOf("VM_isClassArray"));
  }
};
INSTANTIATE_TEST_SUITE_P(, ReactionTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

// While taking a request.

TEST_P(ReactionTest, AStreamThatEndsBetweenMessagesIsNoFailure) {
  run(oneQuestion(), [](Runtime&, RunningCompiler& compiler) {
    auto client = compiler.connect();
    expectCompiles(*client);
    client.reset();
    EXPECT_TRUE(compiler.servesOthers());
    compiler.compiler().stop();
    EXPECT_EQ(compiler.compiler().summary().stream_failures, 0U);
    EXPECT_TRUE(compiler.compiler().sessions().find(kClient));
  });
}

/// Parked, or in the hands of a compilation thread that reads: whichever it is, nothing went wrong.
TEST_P(ReactionTest, AConnectionThatStopClosesIsNoFailure) {
  GetParam().run([](Runtime& runtime) {
    RunningCompiler compiler(runtime, scriptAsking({}));
    const auto bytes = compiler.connectBytes();
    const std::array<std::byte, 2> begin_of_a_message{std::byte{0x40}, std::byte{0}};
    ASSERT_TRUE(writeAll(*bytes, begin_of_a_message, runtime.now() + kPatience));
    compiler.compiler().stop();
    EXPECT_EQ(compiler.compiler().summary().stream_failures, 0U);
    EXPECT_THAT(compiler.reports.ends, Each(Field(&StreamEndReport::failure, false)));
  });
}

/// Parked, and in the hands of a compilation thread that reads.
TEST_P(ReactionTest, KilledItResetsAllItsConnections) {
  GetParam().run([](Runtime& runtime) {
    RunningCompiler compiler(runtime, scriptAsking({"VM_isClassArray"}));
    const auto compiling = compiler.connect();
    compiling->buildCompileRequest(requestOf(1));
    compiling->read();
    const auto parked = compiler.connect();
    compiler.compiler().kill();
    for (ClientStream* client : {compiling.get(), parked.get()}) {
      try {
        client->read();
        ADD_FAILURE() << "a message from a server that was killed";
      } catch (const StreamFailure& failure) {
        EXPECT_EQ(failure.netError(), NetErrc::reset) << failure.what();
      }
    }
    EXPECT_EQ(compiler.compiler().parkedStreams(), 0U);
  });
}

TEST_P(ReactionTest, WrongArityIsNotAnswered) {
  run(oneQuestion(), [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    client->buildCompileRequest(kClient, std::uint32_t{1});
    expectClosed(*client);
    compiler.compiler().stop();
    ASSERT_THAT(compiler.reports.ends, SizeIs(1));
    EXPECT_TRUE(compiler.reports.ends[0].failure);
    EXPECT_THAT(compiler.reports.ends[0].detail, HasSubstr("expected 26 data points, found 2"));
    EXPECT_THAT(compiler.reports.compilations, IsEmpty());
    EXPECT_EQ(compiler.compiler().sessions().size(), 0U);
  });
}

TEST_P(ReactionTest, AnIncompatibleVersionIsAnsweredAndClosed) {
  run(oneQuestion(), [](Runtime& runtime, RunningCompiler& compiler) {
    auto older = std::make_shared<Dialect>(*headDialect());
    older->announced.version = versionWord(1, 104);
    ClientStream client(runtime, compiler.connectBytes(), older, {});
    client.buildCompileRequest(requestOf(kClient));
    expectFailure(client, 52);
    expectClosed(client);
    EXPECT_FALSE(compiler.compiler().sessions().find(kClient));
    EXPECT_TRUE(compiler.servesOthers());
  });
}

TEST_P(ReactionTest, AFirstMessageThatMayNotBeOneIsAnsweredAndClosed) {
  for (const std::string_view type : {"VM_isClassArray", "compilationCode", "compilationInterrupted"}) {
    run(oneQuestion(), [&](Runtime&, RunningCompiler& compiler) {
      const auto client = compiler.connect();
      client->write(numberOf(type), std::vector<Value>{});
      expectFailure(*client, headDialect()->status_message_type_mismatch);
      expectClosed(*client);
      compiler.compiler().stop();
      ASSERT_THAT(compiler.reports.ends, SizeIs(1));
      EXPECT_THAT(compiler.reports.ends[0].detail, HasSubstr("received " + std::string(type)));
      EXPECT_THAT(compiler.reports.ends[0].detail, HasSubstr("answered status 51"));
    });
  }
}

TEST_P(ReactionTest, TheEndOfAConnectionKeepsTheSession) {
  run(oneQuestion(), [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    expectCompiles(*client);
    client->writeError(headDialect()->connection_terminate);
    expectClosed(*client);
    EXPECT_TRUE(compiler.compiler().sessions().find(kClient));
    compiler.compiler().stop();
    ASSERT_THAT(compiler.reports.ends, SizeIs(1));
    EXPECT_FALSE(compiler.reports.ends[0].failure);
  });
}

TEST_P(ReactionTest, TheEndOfASessionComesOverAnyConnection) {
  run(oneQuestion(), [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    expectCompiles(*client);
    const auto goodbye = compiler.connect();
    goodbye->writeClientSessionTerminate(kClient);
    expectClosed(*goodbye);
    EXPECT_FALSE(compiler.compiler().sessions().find(kClient));
    expectCompiles(*client);  // the other connection goes on, with a new session
    EXPECT_TRUE(compiler.compiler().sessions().find(kClient));
    const auto stranger = compiler.connect();
    stranger->writeClientSessionTerminate(999);  // nobody knows it
    expectClosed(*stranger);
  });
}

TEST_P(ReactionTest, TheMapOfAnAOTCacheIsAnsweredAndClosed) {
  Script script = oneQuestion();
  const Value map = Value::Vector{{Value::String{"A.a()V"}, Value::String{"B.b()V"}}};
  script.aot_cache_maps["known"] = {map};
  run(std::move(script), [&](Runtime&, RunningCompiler& compiler) {
    for (const auto& [cache, expected] :
         {std::pair<std::string, Value>{"known", map}, {"unknown", Value::EmptyVector{}}}) {
      const auto client = compiler.connect();
      client->write(*headDialect()->aot_cache_map_request, cache);
      EXPECT_EQ(client->read(), headDialect()->aot_cache_map_reply);
      EXPECT_EQ(toValues(client->message()), std::vector<Value>{expected});
      expectClosed(*client);
    }
    EXPECT_EQ(compiler.compiler().summary().stream_failures, 0U);
  });
}

// During the compilation.

TEST_P(ReactionTest, AnInterruptionIsNotAnsweredAndTheStreamGoesOn) {
  run(oneQuestion(), [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    askToCompile(*client);
    client->writeError(headDialect()->compilation_interrupted);
    expectCompiles(*client);
    sayGoodbye(*client);
    compiler.compiler().stop();
    ASSERT_THAT(compiler.reports.compilations, SizeIs(2));
    EXPECT_EQ(compiler.reports.compilations[0].outcome, CompilationOutcome::interrupted);
    EXPECT_FALSE(compiler.reports.compilations[0].as_asked);
    EXPECT_EQ(compiler.compiler().sessions().find(kClient)->requests, 2U);
  });
}

TEST_P(ReactionTest, AStreamThatEndsInACompilationKeepsTheSession) {
  run(oneQuestion(), [](Runtime&, RunningCompiler& compiler) {
    auto client = compiler.connect();
    askToCompile(*client);
    client.reset();
    EXPECT_TRUE(compiler.servesOthers());
    compiler.compiler().stop();
    EXPECT_EQ(compiler.reports.compilations.at(0).outcome, CompilationOutcome::streamFailure);
    EXPECT_EQ(compiler.compiler().summary().stream_failures, 1U);
    EXPECT_EQ(compiler.compiler().sessions().find(kClient)->compiling, 0U);
  });
}

TEST_P(ReactionTest, AReplyToSomethingElseIsAnsweredAndClosed) {
  run(oneQuestion(), [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    askToCompile(*client);
    client->write(numberOf("VM_isClassLibraryMethod"), true);
    expectFailure(*client, headDialect()->status_message_type_mismatch);
    expectClosed(*client);
    compiler.compiler().stop();
    EXPECT_EQ(compiler.reports.compilations.at(0).outcome, CompilationOutcome::failed);
    EXPECT_FALSE(compiler.reports.compilations[0].as_asked);
    EXPECT_THAT(compiler.reports.compilations[0].detail, HasSubstr("expected a reply to VM_isClassArray"));
  });
}

TEST_P(ReactionTest, AReplyOfOtherDataPointsIsNotAnswered) {
  const std::vector<std::pair<std::vector<Value>, std::string>> replies = {
      {{true, true}, "expected 1 data points, found 2"},
      {{}, "expected 1 data points, found 0"},
      {{std::int32_t{1}}, "data point 0: expected bool, found int32"}};
  for (const auto& [reply, why] : replies) {
    run(oneQuestion(), [&](Runtime&, RunningCompiler& compiler) {
      const auto client = compiler.connect();
      askToCompile(*client);
      client->write(numberOf("VM_isClassArray"), reply);
      expectClosed(*client);
      compiler.compiler().stop();
      EXPECT_EQ(compiler.reports.compilations.at(0).outcome, CompilationOutcome::streamFailure);
      EXPECT_THAT(compiler.reports.compilations[0].detail, HasSubstr(why));
    });
  }
}

TEST_P(ReactionTest, AGoodbyeInsteadOfAReplyFailsTheCompilation) {
  run(oneQuestion(), [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    askToCompile(*client);
    client->writeError(headDialect()->connection_terminate);
    expectFailure(*client, kStatusCompilationFailure);
    expectCompiles(*client);  // who goes on after all is served
    sayGoodbye(*client);
    compiler.compiler().stop();
    EXPECT_EQ(compiler.reports.compilations.at(0).outcome, CompilationOutcome::failed);
  });
}

/// Runs out of memory once, in the n-th call.
class ExhaustedStream final : public ByteStreamDecorator {
 public:
  ExhaustedStream(std::unique_ptr<ByteStream> inner, int in_read, int in_write)
      : ByteStreamDecorator(std::move(inner)), in_read_(in_read), in_write_(in_write) {}
  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    if (--in_read_ == 0) throw std::bad_alloc();
    return inner().readSome(buffer, deadline);
  }
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    if (--in_write_ == 0) throw std::bad_alloc();
    return inner().writeSome(bytes, deadline);
  }

 private:
  int in_read_;
  int in_write_;
};

constexpr std::uint32_t kLowMemory = 33;
constexpr std::uint64_t kVeryLow = 0;
constexpr std::uint32_t kStreamFailure = 49;
constexpr std::uint32_t kLostMessage = 50;

TEST_P(ReactionTest, NoMemoryInACompilationIsAnsweredAndTheStreamGoesOn) {
  run(
      oneQuestion(),
      [](Runtime&, RunningCompiler& compiler) {
        const auto client = compiler.connect();
        client->buildCompileRequest(requestOf(kClient));
        expectFailure(*client, kLowMemory, kVeryLow);
        expectCompiles(*client);
        sayGoodbye(*client);
        compiler.compiler().stop();
        EXPECT_EQ(compiler.reports.compilations.at(0).outcome, CompilationOutcome::failed);
        EXPECT_EQ(compiler.compiler().sessions().find(kClient)->compiling, 0U);
      },
      [](std::unique_ptr<ByteStream> stream) {
        return std::make_unique<ExhaustedStream>(std::move(stream), 0, 1);
      });
}

TEST_P(ReactionTest, NoMemoryForASessionIsAnsweredAndTheStreamGoesOn) {
  for (const AllocationPlace place : {AllocationPlace::clientSession, AllocationPlace::compilation}) {
    runOutOfMemory(place, [](Runtime&, RunningCompiler& compiler) {
      const auto client = compiler.connect();
      client->buildCompileRequest(requestOf(kClient));
      expectFailure(*client, kLowMemory, kVeryLow);
      expectCompiles(*client);
      EXPECT_EQ(compiler.compiler().summary().failed, 1U);
    });
  }
}

/// Which the real server does before it reads the request.
TEST_P(ReactionTest, NoMemoryForAConnectionIsAnsweredAndClosed) {
  runOutOfMemory(AllocationPlace::queueEntry, [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    client->buildCompileRequest(requestOf(kClient));
    expectFailure(*client, kLowMemory, kVeryLow);
    expectClosed(*client);
    EXPECT_FALSE(compiler.compiler().sessions().find(kClient));
    expectCompiles(*compiler.connect());
  });
}

/// After a crash: whoever is connected, or connects, is told.
TEST_P(ReactionTest, DisabledCompilationsAreAnsweredAndClosed) {
  run(oneQuestion(), [](Runtime&, RunningCompiler& compiler) {
    const auto parked = compiler.connect();
    expectCompiles(*parked);
    const auto in_progress = compiler.connect();
    askToCompile(*in_progress);
    compiler.compiler().disableCompilations();
    in_progress->write(numberOf("VM_isClassArray"), true);
    EXPECT_EQ(in_progress->read(), headDialect()->compilation_code);
    expectClosed(*in_progress);
    const auto later = compiler.connect();
    for (ClientStream* client : {parked.get(), later.get()}) {
      client->buildCompileRequest(requestOf(kClient));
      expectFailure(*client, kStreamFailure);
      expectClosed(*client);
    }
    compiler.compiler().stop();
    EXPECT_THAT(compiler.reports.ends.back().detail, HasSubstr("compilations are disabled"));
  });
}

/// A critical request that others did without (request_order_test.cc has more of these).
TEST_P(ReactionTest, ARequestThatComesTooLateIsAnsweredAndTheStreamGoesOn) {
  run(oneQuestion(), [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    std::vector<Value> request = requestOf(kClient);
    request[2] = std::uint32_t{5};  // the session begins behind number 5
    client->buildCompileRequest(request);
    ASSERT_EQ(client->read(), numberOf("VM_isClassArray"));
    client->write(numberOf("VM_isClassArray"), true);
    EXPECT_EQ(client->read(), headDialect()->compilation_code);
    request[2] = std::uint32_t{4};
    request[14] = Value::String{"class hierarchy changes"};
    client->buildCompileRequest(request);
    expectFailure(*client, kLostMessage);
    expectCompiles(*client);
  });
}

TEST_P(ReactionTest, NoMemoryForARequestIsAnsweredAndClosed) {
  run(
      oneQuestion(),
      [](Runtime& runtime, RunningCompiler& compiler) {
        const auto bytes = compiler.connectBytes();
        const auto writer = runtime.spawn("writer", [&] {  // nobody reads it
          EXPECT_FALSE(writeAll(*bytes, std::vector<std::byte>(100), kNever));
        });
        std::vector<std::byte> answer(4096);
        const auto size = bytes->readSome(answer, kNever);
        ASSERT_TRUE(size);
        const auto message = Message::parse(std::span(answer).first(*size), {});
        ASSERT_TRUE(message);
        EXPECT_EQ(message->type(), headDialect()->compilation_failure);
        EXPECT_EQ(toValues(*message), (std::vector<Value>{kLowMemory, kVeryLow}));
        writer->join();
        compiler.compiler().stop();
        EXPECT_EQ(compiler.compiler().summary().stream_failures, 1U);
      },
      [](std::unique_ptr<ByteStream> stream) {
        return std::make_unique<ExhaustedStream>(std::move(stream), 1, 0);
      });
}

TEST_P(ReactionTest, AnUnexpectedExceptionFailsTheCompilation) {
  Script script = oneQuestion();
  // More data points than a message can have.
  script.compilations[0].queries[0].values.assign(70'000, Value(true));
  script.compilations.push_back(oneQuestion().compilations[0]);
  run(std::move(script), [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    client->buildCompileRequest(requestOf(kClient));
    expectFailure(*client, kStatusCompilationFailure);
    expectCompiles(*client);
  });
}

TEST_P(ReactionTest, AConnectionThatCannotBeDecoratedIsClosed) {
  bool first = true;
  run(
      oneQuestion(),
      [](Runtime&, RunningCompiler& compiler) {
        const auto client = compiler.connect();
        expectClosed(*client);
        EXPECT_TRUE(compiler.servesOthers());
        compiler.compiler().stop();
        ASSERT_FALSE(compiler.reports.ends.empty());
        EXPECT_THAT(compiler.reports.ends[0].detail, HasSubstr("could not be served: no space"));
        EXPECT_EQ(compiler.compiler().summary().stream_failures, 1U);
      },
      [&](std::unique_ptr<ByteStream> stream) {
        if (std::exchange(first, false)) throw std::runtime_error("no space");
        return stream;
      });
}

// What scripts may ask for.

TEST_P(ReactionTest, AScriptMayFail) {
  Script script = oneQuestion();
  script.compilations[0].queries.clear();
  script.compilations[0].end = makeFailure(*headDialect(), 6, 7);
  run(std::move(script), [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    client->buildCompileRequest(requestOf(kClient));
    expectFailure(*client, 6, 7);
    sayGoodbye(*client);
    compiler.compiler().stop();
    EXPECT_EQ(compiler.reports.compilations.at(0).outcome, CompilationOutcome::failed);
    EXPECT_TRUE(compiler.reports.compilations[0].as_asked);
  });
}

TEST_P(ReactionTest, AScriptMayClose) {
  Script script = oneQuestion();
  script.compilations[0].queries.clear();
  script.compilations[0].end = {.kind = ScriptEnd::Kind::close, .type = 0, .values = {}};
  run(std::move(script), [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    client->buildCompileRequest(requestOf(kClient));
    expectClosed(*client);
  });
}

TEST_P(ReactionTest, AScriptMaySayNothing) {
  Script script = oneQuestion();
  script.compilations[0].queries.clear();
  script.compilations[0].end = {.kind = ScriptEnd::Kind::nothing, .type = 0, .values = {}};
  run(std::move(script), [](Runtime& runtime, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    client->buildCompileRequest(requestOf(kClient));
    EXPECT_FALSE(client->waitReadable(runtime.now() + std::chrono::milliseconds(10)));
  });
}

TEST_P(ReactionTest, BeyondARecordingTheClientIsTold) {
  Script script = oneQuestion();
  script.compilations[0].end = {.kind = ScriptEnd::Kind::recordedClientStops, .type = 0, .values = {}};
  run(std::move(script), [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    askToCompile(*client);
    client->write(numberOf("VM_isClassArray"), true);
    expectFailure(*client, kStatusCompilationFailure);
    askToCompile(*client);
    client->writeError(headDialect()->compilation_interrupted);  // as recorded
    sayGoodbye(*client);
    compiler.compiler().stop();
    EXPECT_FALSE(compiler.reports.compilations.at(0).as_asked);
    EXPECT_TRUE(compiler.reports.compilations.at(1).as_asked);
  });
}

TEST_P(ReactionTest, ADifferenceToTheRecordingIsNoFailure) {
  Script script = oneQuestion();
  script.compilations[0].queries[0].recorded_reply = {false};
  run(std::move(script), [](Runtime&, RunningCompiler& compiler) {
    const auto client = compiler.connect();
    expectCompiles(*client);
    sayGoodbye(*client);
    compiler.compiler().stop();
    EXPECT_EQ(compiler.reports.compilations.at(0).outcome, CompilationOutcome::compiled);
    EXPECT_EQ(compiler.reports.compilations[0].difference,
              "reply to query 0, VM_isClassArray: data point 0: recorded bool(false), received bool(true)");
  });
}

TEST(CompilationOutcomeTest, HasNames) {
  using enum CompilationOutcome;
  std::vector<std::string_view> names;
  for (const auto outcome : {compiled, failed, interrupted, streamFailure})
    names.push_back(toString(outcome));
  EXPECT_THAT(names, ::testing::ElementsAre("compiled", "failed", "interrupted", "stream_failure"));
}

TEST(FakeCompilerTest, APortThatIsTakenIsAnError) {
  for (const RuntimeUnderTest& each : allRuntimes()) {
    each.run([](Runtime& runtime) {
      const auto taken = runtime.listen({"127.0.0.1", 0});
      ASSERT_TRUE(taken);
      FakeCompilerOptions options;
      options.listener = {.endpoint = {"127.0.0.1", (*taken)->port()}, .health_port = std::nullopt};
      options.dialect = headDialect();
      options.script = defaultScript(*headDialect());
      ServerReports reports;
      const auto made = FakeCompiler::make(runtime, options, reports);
      ASSERT_FALSE(made);
      EXPECT_EQ(made.error().code, NetErrc::addressInUse);
    });
  }
}

}  // namespace
}  // namespace jitrig::test
