#include "fakevm/remote_compilation.h"

#include <stdexcept>

#include "fakevm/scripted_server_test_support.h"
#include "protocol/catalogue/data_point_fit.h"
#include "scenarios/dialogue/dialogue.h"

namespace jitrig::test {
namespace {

using dialogue::Dialogue;
using dialogue::kTheRest;
using dialogue::message;
using ::testing::_;
using ::testing::AllOf;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::InSequence;
using ::testing::NiceMock;
using ::testing::Property;
using ::testing::Return;
using ::testing::StrictMock;
using ::testing::Throw;

class RemoteCompilationTest : public ::testing::TestWithParam<RuntimeUnderTest> {
 protected:
  /// What a client sees of a server that takes the request and then does `server_part`.
  CompiledRemotely after(const std::function<void(ServerStream&)>& server_part,
                         const StreamOptions& options = {}) {
    CompiledRemotely result;
    GetParam().run([&](Runtime& runtime) {
      result = compileAgainst(
          runtime,
          [&](ServerStream& stream) {
            stream.readCompileRequestMessage();
            server_part(stream);
          },
          options);
    });
    return result;
  }

  /// What a client comes to that is led through a dialogue.
  static CompiledRemotely ledThrough(Runtime& runtime, Dialogue& dialogue, CompilationFrontend& frontend) {
    CompiledRemotely result;
    dialogue.begin();
    {
      ClientStream stream(runtime, dialogue.codesEnd(), headDialect(), {});
      result.fate = compileRemotely(stream, frontend, {4711, 1, 0}, result.report);
      result.version_checked = stream.versionChecked();
    }
    EXPECT_TRUE(dialogue.end());
    return result;
  }

  void expectTerminated(const CompiledRemotely& compiled, const std::string& why) {
    EXPECT_EQ(compiled.report.result, CompilationResult::terminated);
    EXPECT_EQ(compiled.fate, StreamFate::close);
    EXPECT_FALSE(compiled.version_checked);
    EXPECT_THAT(compiled.report.detail, HasSubstr(why));
  }
};
INSTANTIATE_TEST_SUITE_P(, RemoteCompilationTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

void finishWith(ServerStream& stream, std::string_view type) {
  stream.write(numberOf(type), requestValues(type));
}

TEST_P(RemoteCompilationTest, CodeEndsItWell) {
  GetParam().run([](Runtime& runtime) {
    Dialogue dialogue(runtime, headDialect());
    dialogue << message("compilationRequest", std::uint64_t{4711}, kTheRest)
                    .announcing(headDialect()->announced) >>
        message("VM_isClassArray", kTheRest) << message("VM_isClassArray", false) >>
        message("compilationCode", "\x90\xc3", kTheRest);
    const auto compiled = ledThrough(runtime, dialogue, *DefaultFrontend(headDialect()).beginCompilation(0));
    EXPECT_EQ(compiled.report.result, CompilationResult::compiled);
    EXPECT_EQ(compiled.fate, StreamFate::keep);
    EXPECT_TRUE(compiled.version_checked);
    EXPECT_EQ(compiled.report.queries, 1U);
    EXPECT_EQ(compiled.report.code_size_bytes, 2U);
    EXPECT_EQ(compiled.report.detail, "");
  });
}

TEST_P(RemoteCompilationTest, AFailureCarriesItsStatus) {
  for (const StatusCode& status : headDialect()->table->release().status_codes) {
    const auto compiled = after([&](ServerStream& stream) { stream.writeError(status.number); });
    EXPECT_EQ(compiled.report.result, CompilationResult::failed);
    EXPECT_EQ(compiled.report.status, status.number);
    EXPECT_THAT(compiled.report.detail, HasSubstr("status " + std::to_string(status.number)));
    // The server closes after these two, and has not passed the version check.
    const bool closes = status.number == headDialect()->status_version_incompatible ||
                        status.number == headDialect()->status_message_type_mismatch;
    EXPECT_EQ(compiled.fate, closes ? StreamFate::close : StreamFate::keep) << status.name;
    EXPECT_EQ(compiled.version_checked, !closes) << status.name;
  }
  const auto unknown = after([&](ServerStream& stream) { stream.writeError(9999); });
  EXPECT_EQ(unknown.report.detail, "the server answered status 9999 (unknown)");
}

TEST_P(RemoteCompilationTest, AOTMethodsAreCode) {
  for (const std::string_view type : {"AOTCache_storedAOTMethod", "AOTCache_serializedAOTMethod"}) {
    const auto compiled = after([&](ServerStream& stream) { finishWith(stream, type); });
    EXPECT_EQ(compiled.report.result, CompilationResult::compiled) << type;
    EXPECT_EQ(compiled.fate, StreamFate::keep);
  }
}

TEST_P(RemoteCompilationTest, AnAOTCacheFailureClosesTheStream) {
  const auto compiled = after([](ServerStream& stream) { finishWith(stream, "AOTCache_failure"); });
  EXPECT_EQ(compiled.report.result, CompilationResult::failed);
  EXPECT_EQ(compiled.fate, StreamFate::close);
  EXPECT_EQ(compiled.report.status, std::nullopt);
  EXPECT_THAT(compiled.report.detail, HasSubstr("AOT cache"));
}

TEST_P(RemoteCompilationTest, AServerCrashIsAnsweredAndEndsIt) {
  for (const std::string_view type : {"compilationThreadCrashed", "jitDumpPrintIL"}) {
    const auto compiled = after([&](ServerStream& stream) {
      finishWith(stream, type);
      const auto misfit =
          checkDataPoints(toValues(stream.readReply()), *headDialect()->table->find(type)->reply);
      EXPECT_FALSE(misfit) << toString(*misfit);
    });
    EXPECT_EQ(compiled.report.result, CompilationResult::failed);
    EXPECT_EQ(compiled.fate, StreamFate::close);
    EXPECT_THAT(compiled.report.detail, AllOf(HasSubstr("crashed"), HasSubstr(std::string(type))));
  }
}

TEST_P(RemoteCompilationTest, AServerThatGoesOnAfterACrashMessageIsListenedTo) {
  const auto compiled = after([](ServerStream& stream) {
    for (const std::string_view type : {"compilationThreadCrashed", "jitDumpPrintIL"}) {
      finishWith(stream, type);
      stream.readReply();
    }
    finishWith(stream, "compilationCode");
  });
  EXPECT_EQ(compiled.report.result, CompilationResult::compiled);
  EXPECT_EQ(compiled.report.queries, 2U);
}

TEST_P(RemoteCompilationTest, WhatNoServerSendsTerminatesIt) {
  expectTerminated(after([](ServerStream& stream) { stream.write(305, std::int32_t{1}); }), "#305");
  // A peer that echoes.
  expectTerminated(after([](ServerStream& stream) {
                     stream.write(numberOf("compilationRequest"), toValues(stream.message()));
                   }),
                   "only clients send it");
  // Sent by a server, but not in a compilation.
  expectTerminated(after([](ServerStream& stream) { finishWith(stream, "AOTCacheMap_reply"); }),
                   "received AOTCacheMap_reply, expected a query or the end of the compilation");
}

TEST_P(RemoteCompilationTest, DataPointsOfOtherTypesTerminateIt) {
  expectTerminated(after([](ServerStream& stream) { stream.write(numberOf("VM_isClassArray"), true); }),
                   "VM_isClassArray: data point 0: expected object(8), found bool");
  expectTerminated(
      after([](ServerStream& stream) { stream.write(numberOf("VM_isClassArray"), true, false); }),
      "VM_isClassArray: expected 1 data points, found 2");
  expectTerminated(
      after([](ServerStream& stream) { stream.write(headDialect()->compilation_failure, std::uint32_t{1}); }),
      "compilationFailure: expected 2 data points, found 1");
}

TEST_P(RemoteCompilationTest, AStreamThatEndsTerminatesIt) {
  expectTerminated(after([](ServerStream&) {}), "closed the connection before a message");
  expectTerminated(after([](ServerStream& stream) { stream.reset(); }), "reset");
}

TEST_P(RemoteCompilationTest, BytesThatAreNoMessageTerminateIt) {
  for (const auto& [bytes, why] :
       {std::pair<std::string, std::string>{"HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP"},
        {std::string("\x20\0\0\0\0\0\0\0", 8), "after 8 of 32 bytes"}}) {
    CompiledRemotely compiled;
    GetParam().run([&](Runtime& runtime) {
      auto [near, far] = runtime.makePipe("pipe");
      const auto server = runtime.spawn("server", [&] {
        const auto end = overPipe(std::move(far));
        std::vector<std::byte> buffer(65536);
        ASSERT_TRUE(end->readSome(buffer, kNever));
        EXPECT_TRUE(writeAll(*end, std::as_bytes(std::span(bytes)), kNever));
      });
      DefaultFrontend frontend(headDialect());
      ClientStream stream(runtime, overPipe(std::move(near)), headDialect(), {});
      compiled.fate = compileRemotely(stream, *frontend.beginCompilation(0), {4711, 1, 0}, compiled.report);
    });
    expectTerminated(compiled, why);
  }
}

TEST_P(RemoteCompilationTest, ASilentServerTerminatesItAtTheTimeout) {
  // On a busy machine even the request is not read in time.
  if (!GetParam().name.starts_with("simulation")) return;
  StreamOptions options;
  options.timeout_ms = 20;
  expectTerminated(after(
                       [](ServerStream& stream) {
                         EXPECT_THROW(stream.readReply(), StreamFailure);  // until the client has given up
                       },
                       options),
                   "no whole message within 20 ms");
}

TEST_P(RemoteCompilationTest, TheFrontEndIsAskedOncePerQueryAndInTheirOrder) {
  GetParam().run([](Runtime& runtime) {
    StrictMock<MockCompilationFrontend> frontend;
    {
      const InSequence in_order;
      EXPECT_CALL(frontend, compilationRequest(Field(&RequestIdentity::client_uid, 4711U)))
          .WillOnce(Return(requestValues("compilationRequest")));
      for (const std::string_view query : {"VM_isClassArray", "VM_isClassInitialized", "VM_isClassArray"}) {
        EXPECT_CALL(frontend, answer(Property(&Message::type, numberOf(query))))
            .WillOnce(Return(Answer{.kind = Answer::Kind::reply, .values = {true}}));
      }
    }
    Dialogue dialogue(runtime, headDialect());
    dialogue << message("compilationRequest", kTheRest) >>
        message("VM_isClassArray", kTheRest) << message("VM_isClassArray", true) >>
        message("VM_isClassInitialized", kTheRest) << message("VM_isClassInitialized", true) >>
        message("VM_isClassArray", kTheRest) << message("VM_isClassArray", true) >>
        message("compilationCode", kTheRest);
    const auto compiled = ledThrough(runtime, dialogue, frontend);
    EXPECT_EQ(compiled.report.result, CompilationResult::compiled);
    EXPECT_EQ(compiled.report.queries, 3U);
  });
}

/// What does not fit the catalogue, and what no server sends, never reaches the front end.
TEST_P(RemoteCompilationTest, TheFrontEndIsNotAskedWhatIsRefused) {
  GetParam().run([](Runtime& runtime) {
    for (const std::string_view type : {"VM_isClassArray", "compilationRequest", "AOTCacheMap_reply"}) {
      StrictMock<MockCompilationFrontend> frontend;
      EXPECT_CALL(frontend, compilationRequest).WillOnce(Return(requestValues("compilationRequest")));
      const auto compiled = compileAgainst(runtime, frontend, [&](ServerStream& stream) {
        stream.readCompileRequestMessage();
        stream.write(numberOf(type), std::int32_t{1});
      });
      EXPECT_EQ(compiled.report.result, CompilationResult::terminated) << type;
    }
  });
}

TEST_P(RemoteCompilationTest, AnInterruptionIsSentInsteadOfTheAnswer) {
  GetParam().run([](Runtime& runtime) {
    NiceMock<MockCompilationFrontend> frontend;
    ON_CALL(frontend, compilationRequest).WillByDefault(Return(requestValues("compilationRequest")));
    EXPECT_CALL(frontend, answer(Property(&Message::type, numberOf("VM_isClassArray"))))
        .WillOnce(Return(Answer{.kind = Answer::Kind::interrupt, .values = {}}));
    Dialogue dialogue(runtime, headDialect());
    dialogue << message("compilationRequest", kTheRest) >> message("VM_isClassArray", kTheRest)
                                                               << message("compilationInterrupted");
    const auto compiled = ledThrough(runtime, dialogue, frontend);
    EXPECT_EQ(compiled.report.result, CompilationResult::interrupted);
    EXPECT_EQ(compiled.fate, StreamFate::keep);
    EXPECT_EQ(compiled.report.detail, "interrupted instead of answering VM_isClassArray");
  });
}

TEST_P(RemoteCompilationTest, AClientThatDiesSaysNothing) {
  GetParam().run([](Runtime& runtime) {
    NiceMock<MockCompilationFrontend> frontend;
    ON_CALL(frontend, compilationRequest).WillByDefault(Return(requestValues("compilationRequest")));
    EXPECT_CALL(frontend, answer(_)).WillOnce(Return(Answer{.kind = Answer::Kind::close, .values = {}}));
    const auto compiled = compileAgainst(runtime, frontend, [](ServerStream& stream) {
      stream.readCompileRequestMessage();
      finishWith(stream, "VM_isClassArray");
      EXPECT_THROW(stream.readReply(), StreamFailure);
    });
    EXPECT_EQ(compiled.report.result, CompilationResult::interrupted);
    EXPECT_EQ(compiled.fate, StreamFate::close);
  });
}

TEST_P(RemoteCompilationTest, AFrontEndThatThrowsInterruptsAndCloses) {
  GetParam().run([](Runtime& runtime) {
    NiceMock<MockCompilationFrontend> frontend;
    ON_CALL(frontend, compilationRequest).WillByDefault(Return(requestValues("compilationRequest")));
    EXPECT_CALL(frontend, answer(_)).WillOnce(Throw(std::runtime_error("no such class")));
    const auto compiled = compileAgainst(runtime, frontend, [](ServerStream& stream) {
      stream.readCompileRequestMessage();
      finishWith(stream, "VM_isClassArray");
      EXPECT_THROW(stream.readReply(), StreamInterrupted);
    });
    EXPECT_EQ(compiled.report.result, CompilationResult::interrupted);
    EXPECT_EQ(compiled.fate, StreamFate::close);
    EXPECT_THAT(compiled.report.detail, HasSubstr("no such class"));
  });
}

TEST(CompilationResultTest, HasNames) {
  using enum CompilationResult;
  std::vector<std::string_view> names;
  for (const auto result : {compiled, failed, terminated, interrupted, local})
    names.push_back(toString(result));
  EXPECT_THAT(names, ::testing::ElementsAre("compiled", "failed", "terminated", "interrupted", "local"));
}

}  // namespace
}  // namespace jitrig::test
