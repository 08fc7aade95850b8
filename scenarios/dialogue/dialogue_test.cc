#include "scenarios/dialogue/dialogue.h"

#include <chrono>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/catalogue/remote_pointer.h"
#include "protocol/runtime/runtime_under_test.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/stream/client_stream.h"
#include "protocol/stream/server_stream.h"

namespace jitrig::dialogue {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::shared_ptr<const Dialect>& head() {
  static const std::shared_ptr<const Dialect> kDialect = defaultDialect();
  return kDialect;
}

std::uint16_t numberOf(std::string_view type) {
  return head()->table->numberOf(type).value();
}

constexpr std::uint64_t kUid = 4711;
constexpr RemotePointer kClass{0xf0e0d0c0b0a};

/// A client as somebody could write it: asks for one compilation, and answers `answer` to every question.
void compile(ClientStream& client, bool answer) {
  client.buildCompileRequest(kUid, std::uint32_t{1});
  while (true) {
    const std::uint16_t type = client.read();
    if (head()->endsCompilation(type)) return;
    client.write(type, answer);
  }
}

class DialogueTest : public ::testing::TestWithParam<RuntimeUnderTest> {};
INSTANTIATE_TEST_SUITE_P(, DialogueTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

TEST_P(DialogueTest, AClientIsLedThroughACompilation) {
  GetParam().run([](Runtime& runtime) {
    const Placeholder<std::uint64_t> uid("client UID");
    Dialogue dialogue(runtime, head());
    dialogue << message("compilationRequest", uid, kTheRest).announcing(head()->announced) >>
        message("VM_isClassArray", kClass) << message("VM_isClassArray", true) >>
        message(numberOf("compilationCode"), "\x90\xc3", kTheRest)
            << message("connectionTerminate") << ends();
    dialogue.begin();
    {
      ClientStream client(runtime, dialogue.codesEnd(), head(), {});
      compile(client, true);
      EXPECT_EQ(std::get<0>(client.getRecvData<std::string>()), "\x90\xc3");
      client.writeError(head()->connection_terminate);
    }
    EXPECT_TRUE(dialogue.end());
    EXPECT_EQ(*uid, kUid);
  });
}

TEST_P(DialogueTest, AServerIsLedThroughACompilation) {
  GetParam().run([](Runtime& runtime) {
    Dialogue dialogue(runtime, head());
    const auto server = runtime.spawn("server", [&runtime, end = dialogue.codesEnd()]() mutable {
      ServerStream stream(runtime, std::move(end), head(), {});
      stream.readCompileRequestMessage();
      stream.write(numberOf("VM_isClassArray"), kClass);
      stream.read<bool>();
      stream.write(numberOf("VM_isClassInitialized"), kClass);
      EXPECT_THROW(stream.readReply(), StreamInterrupted);
    });
    const Placeholder<RemotePointer> clazz("class");
    dialogue >> message("compilationRequest", kUid, kTheRest) << message("VM_isClassArray", clazz) >>
        message("VM_isClassArray", kTheRest);
    EXPECT_TRUE(dialogue.play());
    EXPECT_EQ(*clazz, kClass);
    dialogue << message("VM_isClassInitialized", clazz)  // the same one
        >> message("compilationInterrupted") << ends();
    EXPECT_TRUE(dialogue.play());
    server->join();
  });
}

TEST_P(DialogueTest, SaysBytesEndsAndBreaks) {
  GetParam().run([](Runtime& runtime) {
    Dialogue dialogue(runtime, head());
    const auto code = runtime.spawn("code", [&runtime, end = dialogue.codesEnd()] {
      std::array<std::byte, 5> five{};
      EXPECT_EQ(end->readSome(five, kNever).value(), 5U);
      EXPECT_TRUE(writeAll(*end, five, kNever));
      EXPECT_EQ(end->readSome(five, kNever).error().code, NetErrc::endOfFile);
      end->reset();
    });
    dialogue >> bytes("HELLO") << bytes("HE") << bytes("LLO") >> ends() << breaks();
    EXPECT_TRUE(dialogue.play());
    code->join();
  });
}

TEST(DialogueSilenceTest, TakesVirtualTimeOnly) {
  SimulatedRuntime runtime;
  runtime.runOrThrow([&] {
    Dialogue dialogue(runtime, head());
    const auto end = dialogue.codesEnd();
    dialogue << silence(std::chrono::hours(1)) >> breaks();
    EXPECT_TRUE(dialogue.play());
    EXPECT_GE(runtime.now(), Instant{} + std::chrono::hours(1));
  });
}

/// What gtest is told while `body` runs.
std::vector<::testing::TestPartResult> failuresOf(const std::function<void(Runtime&)>& body) {
  ::testing::TestPartResultArray results;
  {
    const ::testing::ScopedFakeTestPartResultReporter reporter(
        ::testing::ScopedFakeTestPartResultReporter::INTERCEPT_ALL_THREADS, &results);
    SimulatedRuntime runtime;
    runtime.runOrThrow([&] { body(runtime); });
  }
  std::vector<::testing::TestPartResult> failures;
  for (int i = 0; i < results.size(); ++i) failures.push_back(results.GetTestPartResult(i));
  return failures;
}

/// The one failure of a dialogue with that client, which must be told at `line` of this file.
std::string failureOf(int line, const std::function<void(Dialogue&)>& write, bool answer = true,
                      const std::function<void(ClientStream&)>& client_part = {}) {
  const auto failures = failuresOf([&](Runtime& runtime) {
    Dialogue dialogue(runtime, head());
    write(dialogue);
    dialogue.begin();
    {
      ClientStream client(runtime, dialogue.codesEnd(), head(), {});
      try {
        client_part ? client_part(client) : compile(client, answer);
      } catch (const StreamFailure&) {
        // What happens to code whose dialogue has gone wrong.
      }
    }
    EXPECT_FALSE(dialogue.end());
  });
  if (failures.size() != 1) return "failures: " + std::to_string(failures.size());
  EXPECT_EQ(failures[0].line_number(), line);
  EXPECT_STREQ(failures[0].file_name(), __FILE__);
  return failures[0].message();
}

TEST(DialogueFailureTest, ADifferentDataPointIsShownInBothForms) {
  const std::string told = failureOf(__LINE__ + 4, [](Dialogue& dialogue) {
    dialogue << message("compilationRequest", kUid, std::uint32_t{1}) >>
        message("VM_isClassArray", kTheRest) << message("VM_isClassArray", false);
  });
  EXPECT_THAT(told, HasSubstr("the dialogue stops in line 3 of 3: << VM_isClassArray(bool(false))\n"
                              "the code under test says something else (- expected, + came):\n"
                              "  VM_isClassArray(\n"
                              "-   0 bool(false)\n"
                              "+   0 bool(true)  <- the first that differs\n"
                              "  )\n"
                              "It went well up to here:\n"
                              "  << compilationRequest(uint64(4711), uint32(1))\n"
                              "  >> VM_isClassArray(…)\n"));
}

TEST(DialogueFailureTest, EqualDataPointsFarFromTheDifferenceAreLeftOut) {
  const std::string told = failureOf(
      __LINE__ + 3, [](Dialogue& dialogue) { dialogue << message("VM_isClassArray", 1, 2, 3, 4, 5, 6); },
      true, [](ClientStream& client) { client.write(numberOf("VM_isClassArray"), 1, 2, 3, 4, 6, 6); });
  EXPECT_THAT(told, HasSubstr("    (2 equal)\n"
                              "    2 int32(3)\n"
                              "    3 int32(4)\n"
                              "-   4 int32(5)\n"
                              "+   4 int32(6)  <- the first that differs\n"
                              "    (1 more: expected 6 data points, came 6)\n"));
}

TEST(DialogueFailureTest, AnotherNumberOfDataPoints) {
  EXPECT_THAT(
      failureOf(__LINE__ + 1, [](Dialogue& dialogue) { dialogue << message("compilationRequest", kUid); }),
      HasSubstr("-   1 no such data point, but 1 data points\n"
                "+   1 uint32(1)  <- the first that differs"));
  EXPECT_THAT(
      failureOf(__LINE__ + 2,
                [](Dialogue& dialogue) {
                  dialogue << message("compilationRequest", kUid, kAnything, std::string(500, 'x'), kTheRest);
                }),
      AllOf(HasSubstr("(507"), HasSubstr("+   2 no such data point, but 2  <- the first that differs")));
}

TEST(DialogueFailureTest, AnotherTypeOrVersion) {
  EXPECT_THAT(
      failureOf(__LINE__ + 1, [](Dialogue& dialogue) { dialogue << message("VM_isClassArray", kTheRest); }),
      HasSubstr("- VM_isClassArray(…)\n+ compilationRequest[version 1.105, config 0x3011](uint64(4711), "
                "uint32(1))"));
  EXPECT_THAT(
      failureOf(
          __LINE__ + 2,
          [](Dialogue& dialogue) {
            dialogue << message("compilationRequest", kTheRest).announcing({versionWord(1, 104), 0x3011});
          }),
      HasSubstr("- compilationRequest[version 1.104, config 0x3011](…)"));
}

TEST(DialogueFailureTest, APlaceholderOfAnotherTypeOrValue) {
  const Placeholder<bool> flag("flag");
  EXPECT_THAT(
      failureOf(__LINE__ + 1,
                [&](Dialogue& dialogue) { dialogue << message("compilationRequest", flag, kTheRest); }),
      AllOf(HasSubstr("-   0 <flag>"), HasSubstr("+   0 uint64(4711)  <- the first")));
  EXPECT_FALSE(flag.known());
  EXPECT_THROW(*flag, std::logic_error);
  const Placeholder<std::uint32_t> number("number");
  EXPECT_THAT(failureOf(__LINE__ + 4,
                        [&](Dialogue& dialogue) {
                          dialogue << message("compilationRequest", kUid, number) >>
                              message("VM_isClassArray", kTheRest) << message("VM_isClassArray", number);
                        }),
              HasSubstr("-   0 <number> = uint32(1)"));
}

TEST(DialogueFailureTest, ACodeThatIsSilentOrGone) {
  EXPECT_THAT(failureOf(
                  __LINE__ + 4,
                  [](Dialogue& dialogue) {
                    dialogue << message("compilationRequest", kTheRest) >>
                        message("VM_isClassArray", kTheRest) << message("VM_isClassArray", kTheRest);
                  },
                  true,
                  [](ClientStream& client) {
                    client.buildCompileRequest(kUid);
                    client.read();
                    client.waitReadable(kNever);
                  }),
              HasSubstr("the code under test says nothing within 30000 ms"));
  EXPECT_THAT(
      failureOf(
          __LINE__ + 2, [](Dialogue& dialogue) { dialogue << message("compilationRequest", kTheRest); }, true,
          [](ClientStream&) {}),
      HasSubstr("the code under test has ended its side of the connection"));
}

TEST(DialogueFailureTest, ACodeThatGoesOn) {
  EXPECT_THAT(failureOf(
                  __LINE__ + 3,
                  [](Dialogue& dialogue) {
                    dialogue << message("compilationRequest", kTheRest) >>
                        message("compilationFailure", kTheRest);
                  },
                  true,
                  [](ClientStream& client) {
                    client.buildCompileRequest(kUid);
                    client.read();
                    client.writeError(head()->connection_terminate);
                  }),
              AllOf(HasSubstr("the dialogue ends with this line, but the code under test goes on"),
                    HasSubstr("+ connectionTerminate()")));
}

TEST(DialogueFailureTest, WhatIsNoMessageIsShownAsBytes) {
  const auto failures = failuresOf([](Runtime& runtime) {
    Dialogue dialogue(runtime, head());
    const auto code = runtime.spawn("code", [end = dialogue.codesEnd()] {
      static_cast<void>(writeAll(*end, std::as_bytes(std::span("GET / HTTP/1.1")), kNever));
    });
    dialogue << message("compilationRequest", kTheRest);
    EXPECT_FALSE(dialogue.play());
    EXPECT_FALSE(dialogue.play());  // told once
  });
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_THAT(failures[0].message(), AllOf(HasSubstr("what is no message"), HasSubstr("GET / HTTP/1.1")));
}

TEST(DialogueFailureTest, LinesThatCannotBePlayed) {
  EXPECT_THAT(
      failureOf(__LINE__ + 1, [](Dialogue& dialogue) { dialogue << message("VM_isClasArray", kTheRest); }),
      HasSubstr("release head has no message type 'VM_isClasArray'; did you mean VM_isClassArray?"));
  EXPECT_THAT(failureOf(__LINE__ + 1,
                        [](Dialogue& dialogue) { dialogue << message("VM_isClassArray", kTheRest, 1); }),
              HasSubstr("wrong place: kTheRest"));
  EXPECT_THAT(
      failureOf(__LINE__ + 1, [](Dialogue& dialogue) { dialogue >> message("VM_isClassArray", kAnything); }),
      HasSubstr("wrong place: data point 0: anything can be expected, but not sent"));
  const Placeholder<bool> flag("flag");
  EXPECT_THAT(
      failureOf(__LINE__ + 1, [&](Dialogue& dialogue) { dialogue >> message("VM_isClassArray", flag); }),
      HasSubstr("wrong place: data point 0: <flag> has met no data point yet"));
  EXPECT_THAT(
      failureOf(__LINE__ + 1, [](Dialogue& dialogue) { dialogue >> ends() >> message("VM_isClassArray"); }),
      HasSubstr("wrong place: what arrives has ended already"));
}

TEST(DialogueFailureTest, ADialogueThatIsNeverPlayed) {
  int line = 0;
  const auto failures = failuresOf([&](Runtime& runtime) {
    Dialogue dialogue(runtime, head());
    line = __LINE__ + 1;
    dialogue >> message("compilationRequest", kTheRest) << ends();
  });
  ASSERT_EQ(failures.size(), 1U);
  EXPECT_EQ(failures[0].line_number(), line);
  EXPECT_THAT(failures[0].message(),
              AllOf(HasSubstr("never played to its end, only up to line 1 of 2: >> compilationRequest(…)"),
                    HasSubstr("The dialogue begins at " + std::string(__FILE__))));
}

TEST(DialogueFailureTest, AnExceptionIsNotDrownedByIt) {
  const auto failures = failuresOf([](Runtime& runtime) {
    try {
      Dialogue dialogue(runtime, head());
      dialogue << ends();
      throw std::runtime_error("something else went wrong");
    } catch (const std::runtime_error&) {
      return;
    }
  });
  EXPECT_TRUE(failures.empty());
}

}  // namespace
}  // namespace jitrig::dialogue
