#include "scenarios/dialogue/dialogue.h"

#include <array>
#include <chrono>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <memory>
#include <stdexcept>
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
      EXPECT_EQ(toValues(client.message()).front(), Value(Value::String{"\x90\xc3"}));
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
    const auto code = runtime.spawn("code", [end = dialogue.codesEnd()] {
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

/// The dialogue of a test, and the line of this file at which it must fail.
struct FailingDialogue {
  Dialogue& dialogue;
  int& line;
};

/// How the one failure of a dialogue with that client is told.
std::string failureOf(
    const std::function<void(FailingDialogue)>& write,
    const std::function<void(ClientStream&)>& client_part = [](ClientStream& client) {
      compile(client, true);
    }) {
  int line = 0;
  const auto failures = failuresOf([&](Runtime& runtime) {
    Dialogue dialogue(runtime, head());
    write({dialogue, line});
    dialogue.begin();
    {
      ClientStream client(runtime, dialogue.codesEnd(), head(), {});
      try {
        client_part(client);
      } catch (const StreamFailure&) {
        // What happens to code whose dialogue has gone wrong.
        client.reset();
      }
    }
    EXPECT_FALSE(dialogue.end());
  });
  if (failures.size() != 1) return "failures: " + std::to_string(failures.size());
  EXPECT_EQ(failures[0].line_number(), line);
  EXPECT_STREQ(failures[0].file_name(), __FILE__);
  return failures[0].message();
}

/// No macro: in the arguments of one, __LINE__ is that of its end.
void expectTold(const std::string& told, const ::testing::Matcher<std::string>& as) {
  EXPECT_THAT(told, as);
}

TEST(DialogueFailureTest, ADifferentDataPointIsShownInBothForms) {
  const std::string told = failureOf([](FailingDialogue test) {
    test.dialogue << message("compilationRequest", kUid, std::uint32_t{1}) >>
        message("VM_isClassArray", kTheRest);
    test.line = __LINE__ + 1;
    test.dialogue << message("VM_isClassArray", false);
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
      [](FailingDialogue test) {
        test.line = __LINE__ + 1;
        test.dialogue << message("VM_isClassArray", 1, 2, 3, 4, 5, 6);
      },
      [](ClientStream& client) { client.write(numberOf("VM_isClassArray"), 1, 2, 3, 4, 6, 6); });
  EXPECT_THAT(told, HasSubstr("    (2 equal)\n"
                              "    2 int32(3)\n"
                              "    3 int32(4)\n"
                              "-   4 int32(5)\n"
                              "+   4 int32(6)  <- the first that differs\n"
                              "    (1 more: expected 6 data points, came 6)\n"));
}

TEST(DialogueFailureTest, AnotherNumberOfDataPoints) {
  expectTold(failureOf([](FailingDialogue test) {
               test.line = __LINE__ + 1;
               test.dialogue << message("compilationRequest", kUid);
             }),
             HasSubstr("-   1 no such data point: expected 1 data points\n"
                       "+   1 uint32(1)  <- the first that differs"));
  expectTold(failureOf([](FailingDialogue test) {
               test.line = __LINE__ + 1;
               test.dialogue << message("compilationRequest", kUid, kAnything, std::string(500, 'x'),
                                        kTheRest);
             }),
             AllOf(HasSubstr("(510 characters)"),
                   HasSubstr("+   2 no such data point: came 2 data points  <- the first that differs")));
}

TEST(DialogueFailureTest, AnotherTypeOrVersion) {
  expectTold(failureOf([](FailingDialogue test) {
               test.line = __LINE__ + 1;
               test.dialogue << message("VM_isClassArray", kTheRest);
             }),
             HasSubstr("- VM_isClassArray(…)\n"
                       "+ compilationRequest[version 1.105, config 0x3011](uint64(4711), uint32(1))"));
  expectTold(failureOf([](FailingDialogue test) {
               const FullVersion older{versionWord(1, 104), 0x3011};
               test.line = __LINE__ + 1;
               test.dialogue << message("compilationRequest", kTheRest).announcing(older);
             }),
             HasSubstr("- compilationRequest[version 1.104, config 0x3011](…)"));
}

TEST(DialogueFailureTest, APlaceholderOfAnotherTypeOrValue) {
  const Placeholder<bool> flag("flag");
  expectTold(failureOf([&](FailingDialogue test) {
               test.line = __LINE__ + 1;
               test.dialogue << message("compilationRequest", flag, kTheRest);
             }),
             AllOf(HasSubstr("-   0 <flag>"), HasSubstr("+   0 uint64(4711)  <- the first")));
  EXPECT_FALSE(flag.known());
  EXPECT_THROW(*flag, std::logic_error);
  const Placeholder<std::uint32_t> number("number");
  expectTold(failureOf([&](FailingDialogue test) {
               test.dialogue << message("compilationRequest", kUid, number) >>
                   message("VM_isClassArray", kTheRest);
               test.line = __LINE__ + 1;
               test.dialogue << message("VM_isClassArray", number);
             }),
             HasSubstr("-   0 <number> = uint32(1)"));
}

TEST(DialogueFailureTest, ACodeThatIsSilentOrGone) {
  expectTold(failureOf(
                 [](FailingDialogue test) {
                   test.dialogue << message("compilationRequest", kTheRest) >>
                       message("VM_isClassArray", kTheRest);
                   test.line = __LINE__ + 1;
                   test.dialogue << message("VM_isClassArray", kTheRest);
                 },
                 [](ClientStream& client) {
                   client.buildCompileRequest(kUid);
                   client.read();
                   client.waitReadable(kNever);
                 }),
             HasSubstr("the code under test says nothing within 30000 ms"));
  expectTold(failureOf(
                 [](FailingDialogue test) {
                   test.line = __LINE__ + 1;
                   test.dialogue << message("compilationRequest", kTheRest);
                 },
                 [](ClientStream&) {}),
             HasSubstr("the code under test has ended its side of the connection"));
}

TEST(DialogueFailureTest, ACodeThatGoesOn) {
  expectTold(failureOf(
                 [](FailingDialogue test) {
                   test.dialogue << message("compilationRequest", kTheRest);
                   test.line = __LINE__ + 1;
                   test.dialogue >> message("compilationFailure", kTheRest);
                 },
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

/// What would fail whatever the code under test does.
TEST(DialogueFailureTest, LinesThatCannotBePlayed) {
  const Placeholder<bool> flag("flag");
  const auto is_told = [](const DialogueLine& line) {
    return failureOf([&](FailingDialogue test) {
      test.line = static_cast<int>(line.where.line());
      test.dialogue >> line;
    });
  };
  expectTold(is_told(message("VM_isClasArray", kTheRest)),
             HasSubstr("release head has no message type 'VM_isClasArray'; did you mean VM_isClassArray?"));
  expectTold(is_told(message("VM_isClassArray", kTheRest, 1)), HasSubstr("wrong place: kTheRest"));
  expectTold(is_told(message(60'000, kTheRest)),
             HasSubstr("does not say what the data points of #60000 are"));
  expectTold(is_told(message("VM_isClassArray", kAnything)),
             HasSubstr("wrong place: data point 0: anything can be expected, but not sent"));
  expectTold(is_told(message("VM_isClassArray", flag)),
             HasSubstr("wrong place: data point 0: <flag> has met no data point yet"));
  expectTold(failureOf([](FailingDialogue test) {
               test.dialogue >> ends();
               test.line = __LINE__ + 1;
               test.dialogue >> message("VM_isClassArray", kTheRest);
             }),
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
