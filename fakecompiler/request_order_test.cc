#include "fakecompiler/request_order.h"

#include <array>

#include "fakecompiler/fake_compiler_test_support.h"
#include "fakecompiler/log_lines.h"

// semantics.md, section 4, "Ordering": what becomes of requests that come in another order than they were
// made, seen by clients that speak by hand. Time is virtual. The numbers of known bugs (Q1 …) say which of
// them a test would find.
namespace jitrig::test {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

using Kind = RequestOrderEvent::Kind;
using Outcome = RequestOrderEvent::Outcome;

constexpr std::uint64_t kOrderedClient = 4711;
constexpr std::uint32_t kLostMessageStatus = 50;

/// Each request is about a method, at the address of its number, of a class of its own.
constexpr std::uint64_t classOf(std::uint32_t number) {
  return 1000 + number;
}

/// One connection of the client, with one request at a time.
class Requester {
 public:
  Requester(RunningCompiler& compiler) : client_(compiler.connect()) {}

  /// Not critical.
  void ask(std::uint32_t number, std::uint32_t behind) {
    client_->buildCompileRequest(request(number, behind));
  }
  /// Critical: these classes were unloaded. Compilations that are going on give way to it.
  void tellUnloaded(std::uint32_t number, std::uint32_t behind, const std::vector<std::uint64_t>& unloaded) {
    std::vector<Value> values = request(number, behind);
    const auto bytes = std::as_bytes(std::span(unloaded));
    values[8] = Value::SimpleVector{.element_size = 8, .bytes = {bytes.begin(), bytes.end()}};
    client_->buildCompileRequest(values);
  }

  /// Critical: the class hierarchy changed.
  void tell(std::uint32_t number, std::uint32_t behind) {
    std::vector<Value> values = request(number, behind);
    values[14] = Value::String{"changes"};
    client_->buildCompileRequest(values);
  }

  std::uint16_t read() { return client_->read(); }
  void answer(std::string_view query) {
    client_->write(numberOf(query), defaultValues(*headDialect()->table->find(numberOf(query))->reply));
  }
  /// Reads this query and answers it.
  void expectQuery(std::string_view query) {
    ASSERT_EQ(client_->read(), numberOf(query));
    answer(query);
  }
  void expectCompiles() {
    expectQuery("VM_isClassArray");
    EXPECT_EQ(client_->read(), headDialect()->compilation_code);
  }
  void expectFailure(std::uint32_t status) {
    ASSERT_EQ(client_->read(), headDialect()->compilation_failure);
    EXPECT_EQ((client_->getRecvData<std::uint32_t, std::uint64_t>()), std::tuple(status, kNoOtherData));
  }
  void expectLost() { expectFailure(kLostMessageStatus); }
  void interrupt() { client_->writeError(headDialect()->compilation_interrupted); }
  void close() { client_.reset(); }
  bool isAnswered() { return client_->waitReadable(kAtOnce); }

 private:
  static Value address(std::uint64_t value) {
    const auto bytes = std::as_bytes(std::span(&value, 1));
    return Value::Object{{bytes.begin(), bytes.end()}};
  }
  static std::vector<Value> request(std::uint32_t number, std::uint32_t behind) {
    std::vector<Value> values = requestOf(kOrderedClient);
    values[1] = number;
    values[2] = behind;
    values[3] = address(number);
    values[4] = address(classOf(number));
    return values;
  }

  std::unique_ptr<ClientStream> client_;
};

/// The session's own questions before each script's one.
Script askingScript() {
  Script script = scriptAsking({"VM_isClassArray"});
  script.compilations[0].ask_session_queries = true;
  return script;
}

class RequestOrderTest : public ::testing::TestWithParam<RuntimeUnderTest> {
 protected:
  using Body = std::function<void(Runtime&, RunningCompiler&)>;

  static void run(const Script& script, const Body& body) {
    GetParam().run([&](Runtime& runtime) {
      RunningCompiler compiler(runtime, script, {}, 16);
      body(runtime, compiler);
    });
  }
  /// In a session that number 1 has made.
  static void runInSession(const Body& body) {
    run(scriptAsking({"VM_isClassArray"}), [&](Runtime& runtime, RunningCompiler& compiler) {
      Requester first(compiler);
      first.ask(1, 0);
      first.expectCompiles();
      body(runtime, compiler);
    });
  }
  static void sleep(Runtime& runtime, int ms) {
    runtime.sleepUntil(runtime.now() + std::chrono::milliseconds(ms));
  }
  static std::ptrdiff_t count(const RunningCompiler& compiler, Outcome outcome) {
    return compiler.reports.count(outcome);
  }
};

std::vector<RuntimeUnderTest> simulations() {
  std::vector<RuntimeUnderTest> all = allRuntimes();
  std::erase_if(all, [](const RuntimeUnderTest& each) { return !each.name.starts_with("simulation"); });
  return all;
}
INSTANTIATE_TEST_SUITE_P(, RequestOrderTest, ::testing::ValuesIn(simulations()), nameOfRuntime);

/// Q1.
TEST_P(RequestOrderTest, ARequestWaitsForTheCriticalOneBeforeIt) {
  runInSession([](Runtime& runtime, RunningCompiler& compiler) {
    Requester early(compiler);
    Requester late(compiler);
    early.ask(3, 2);
    sleep(runtime, 500);
    EXPECT_FALSE(early.isAnswered());
    late.tell(2, 0);
    late.expectCompiles();
    early.expectCompiles();
    EXPECT_EQ(count(compiler, Outcome::parks), 1);
    EXPECT_EQ(count(compiler, Outcome::clears), 0);
  });
}

/// Q1: a server that was started anew does not wait for what its predecessor has had.
TEST_P(RequestOrderTest, WhoeverMakesTheSessionDoesNotWait) {
  run(scriptAsking({"VM_isClassArray"}), [](Runtime& runtime, RunningCompiler& compiler) {
    const Instant began = runtime.now();
    Requester client(compiler);
    client.ask(500, 480);
    client.expectCompiles();
    EXPECT_LT(runtime.now() - began, RequestOrder::kPatience);
    EXPECT_EQ(count(compiler, Outcome::parks), 0);
  });
}

/// Q2.
TEST_P(RequestOrderTest, RequestsThatCarryNothingDoNotWaitForEachOther) {
  runInSession([](Runtime& runtime, RunningCompiler& compiler) {
    constexpr std::array<std::uint32_t, 6> kOrder{9, 6, 11, 7, 10, 8};
    std::vector<std::unique_ptr<Requester>> clients;
    for (const std::uint32_t number : kOrder) {
      clients.push_back(std::make_unique<Requester>(compiler));
      clients.back()->ask(number, 5);
    }
    sleep(runtime, 100);
    Requester critical(compiler);
    critical.tell(5, 0);
    critical.expectCompiles();
    for (const auto& client : clients) client->expectCompiles();
    EXPECT_EQ(count(compiler, Outcome::parks), 6);
    EXPECT_EQ(count(compiler, Outcome::sleepsOn), 0);
  });
}

TEST_P(RequestOrderTest, ACriticalRequestThatComesTooLateIsLostAndItsStreamStays) {
  run(scriptAsking({"VM_isClassArray"}), [](Runtime&, RunningCompiler& compiler) {
    Requester second(compiler);
    Requester first(compiler);
    second.tell(2, 1);  // which makes the session
    second.expectCompiles();
    first.tell(1, 0);
    first.expectLost();
    first.tell(3, 2);  // tried again, with a new number
    first.expectCompiles();
    second.ask(1, 0);  // late, but it carries nothing
    second.expectCompiles();
    EXPECT_EQ(count(compiler, Outcome::late), 1);
    EXPECT_EQ(compiler.compiler().sessions().size(), 1U);
  });
}

/// Q5.
TEST_P(RequestOrderTest, ANumberIsPublishedAlthoughItsRequestWasInterrupted) {
  run(askingScript(), [](Runtime& runtime, RunningCompiler& compiler) {
    const Instant began = runtime.now();
    Requester first(compiler);
    Requester second(compiler);
    first.tell(1, 0);
    EXPECT_EQ(first.read(), numberOf("getUnloadedClassRangesAndCHTable"));
    second.ask(2, 1);
    sleep(runtime, 10);
    first.interrupt();
    second.expectQuery("getUnloadedClassRangesAndCHTable");
    second.expectQuery("VM_getVMInfo");
    second.expectCompiles();
    EXPECT_LT(runtime.now() - began, RequestOrder::kPatience);
    EXPECT_EQ(count(compiler, Outcome::clears), 0);
  });
}

TEST_P(RequestOrderTest, AStreamThatFailsBeforeItsUpdatesLeavesAHole) {
  run(askingScript(), [](Runtime& runtime, RunningCompiler& compiler) {
    const Instant began = runtime.now();
    Requester first(compiler);
    Requester second(compiler);
    first.tell(1, 0);
    EXPECT_EQ(first.read(), numberOf("getUnloadedClassRangesAndCHTable"));
    second.ask(2, 1);
    first.close();
    second.expectQuery("getUnloadedClassRangesAndCHTable");
    EXPECT_GE(runtime.now() - began, RequestOrder::kPatience);
    EXPECT_EQ(count(compiler, Outcome::clears), 1);
    second.expectQuery("VM_getVMInfo");
    second.expectCompiles();
  });
}

/// Q6. Number 2 never comes; each of those behind it waits for the one before.
TEST_P(RequestOrderTest, OnlyTheFirstInLineClearsTheCaches) {
  runInSession([](Runtime&, RunningCompiler& compiler) {
    std::vector<std::unique_ptr<Requester>> clients;
    for (std::uint32_t number = 3; number <= 7; ++number) {
      clients.push_back(std::make_unique<Requester>(compiler));
      clients.back()->tell(number, number - 1);
    }
    for (const auto& client : clients) client->expectCompiles();
    EXPECT_EQ(count(compiler, Outcome::clears), 1);
    EXPECT_EQ(compiler.compiler().sessions().caches(kOrderedClient)->cleared, 1U);
  });
}

/// Q7.
TEST_P(RequestOrderTest, NobodyClearsTheCachesThatAnotherIsAboutToFill) {
  run(askingScript(), [](Runtime& runtime, RunningCompiler& compiler) {
    Requester slow(compiler);
    Requester parked(compiler);
    slow.ask(1, 0);
    ASSERT_EQ(slow.read(), numberOf("getUnloadedClassRangesAndCHTable"));
    parked.ask(3, 2);
    sleep(runtime, 2500);
    EXPECT_EQ(count(compiler, Outcome::clears), 0);
    slow.answer("getUnloadedClassRangesAndCHTable");
    slow.expectQuery("VM_getVMInfo");
    slow.expectCompiles();
    parked.expectQuery("getUnloadedClassRangesAndCHTable");
    parked.expectCompiles();
  });
}

TEST_P(RequestOrderTest, NobodyClearsTheCachesOfOneThatRuns) {
  runInSession([](Runtime& runtime, RunningCompiler& compiler) {
    Requester slow(compiler);
    Requester parked(compiler);
    slow.ask(2, 0);
    ASSERT_EQ(slow.read(), numberOf("VM_isClassArray"));
    parked.ask(4, 3);
    sleep(runtime, 3500);
    EXPECT_EQ(count(compiler, Outcome::sleepsOn), 3);
    EXPECT_EQ(count(compiler, Outcome::clears), 0);
    slow.answer("VM_isClassArray");
    EXPECT_EQ(slow.read(), headDialect()->compilation_code);
    parked.expectCompiles();
    EXPECT_EQ(count(compiler, Outcome::clears), 1);
  });
}

TEST_P(RequestOrderTest, OneThatIsToldToWaitWaitsOnceMore) {
  runInSession([](Runtime& runtime, RunningCompiler& compiler) {
    Requester first(compiler);
    Requester second(compiler);
    first.tell(3, 2);
    second.ask(6, 5);  // number 5 is lost, too
    sleep(runtime, 1500);
    first.expectCompiles();
    second.expectCompiles();
    EXPECT_EQ(count(compiler, Outcome::clears), 2);
  });
}

TEST_P(RequestOrderTest, AServerThatStopsDoesNotWait) {
  runInSession([](Runtime& runtime, RunningCompiler& compiler) {
    Requester parked(compiler);
    parked.ask(3, 2);
    sleep(runtime, 10);
    const Instant began = runtime.now();
    compiler.compiler().stop();
    EXPECT_EQ(runtime.now(), began);
    EXPECT_EQ(compiler.reports.order.back().kind, Kind::abandoned);
    EXPECT_EQ(compiler.reports.compilations.back().outcome, CompilationOutcome::streamFailure);
  });
}

/// Word for word as real servers have it, from "compThreadID" on.
TEST_P(RequestOrderTest, IsToldInTheLinesOfTheLog) {
  runInSession([](Runtime&, RunningCompiler& compiler) {
    Requester third(compiler);
    third.tell(3, 2);
    third.expectCompiles();
    third.tell(2, 1);
    third.expectLost();
    std::vector<std::string> lines;
    for (const RequestOrderEvent& event : compiler.reports.order) {
      for (const std::string& line : logLines(event)) {
        constexpr std::string_view kBegin = "#JITServer: compThreadID=";
        ASSERT_TRUE(line.starts_with(kBegin)) << line;
        lines.push_back(line.substr(line.find(' ', kBegin.size()) + 1));
      }
    }
    EXPECT_THAT(
        lines,
        ElementsAre(
            "created clientSessionData=0x1 for clientUID=4711 seqNo=1 (isCritical=0) (criticalSeqNo=0 "
            "lastProcessedCriticalReq=0)",
            "found clientSessionData=0x1 for clientUID=4711 seqNo=3 (isCritical=1) (criticalSeqNo=2 "
            "lastProcessedCriticalReq=0)",
            "out-of-sequence msg=3 detected for clientUID=4711 criticalSeqNo=2 > lastCriticalSeqNo=0. "
            "Parking this thread (entry=0x2)",
            "(entry=0x2) doing a timed wait for 1000 ms (waiting for seqNo=2)",
            "(entry=0x2) timed-out while waiting for seqNo=2 ",
            "has cleared the session caches for clientUID=4711 criticalSeqNo=2 seqNo=3 firstEntry=0x2",
            "found clientSessionData=0x1 for clientUID=4711 seqNo=2 (isCritical=1) (criticalSeqNo=1 "
            "lastProcessedCriticalReq=3)",
            "discarding older msg for clientUID=4711 seqNo=2 criticalSeqNo=1 < lastProcessedCriticalSeqNo=3",
            "did an early abort for clientUID=4711 seqNo=2"));
  });
}

// What the session's caches hold, and who fills them.

/// Q4.
TEST_P(RequestOrderTest, EmptyCachesAreFilledOnce) {
  run(askingScript(), [](Runtime& runtime, RunningCompiler& compiler) {
    Requester first(compiler);
    Requester second(compiler);
    first.ask(1, 0);
    ASSERT_EQ(first.read(), numberOf("getUnloadedClassRangesAndCHTable"));
    second.ask(2, 0);
    sleep(runtime, 5000);
    EXPECT_FALSE(second.isAnswered());
    first.answer("getUnloadedClassRangesAndCHTable");
    first.expectQuery("VM_getVMInfo");
    first.expectCompiles();
    second.expectCompiles();
    EXPECT_TRUE(compiler.compiler().sessions().caches(kOrderedClient)->filled);
  });
}

/// Q3: who waited while the caches were filled applies what it brought.
TEST_P(RequestOrderTest, UpdatesAreNotDroppedWhileTheCachesAreFilled) {
  run(askingScript(), [](Runtime& runtime, RunningCompiler& compiler) {
    Requester first(compiler);
    Requester second(compiler);
    Requester third(compiler);
    first.ask(2, 1);
    ASSERT_EQ(first.read(), numberOf("getUnloadedClassRangesAndCHTable"));
    second.tell(1, 0);
    second.expectLost();
    third.tell(3, 1);
    sleep(runtime, 10);
    first.answer("getUnloadedClassRangesAndCHTable");
    first.expectQuery("VM_getVMInfo");
    first.expectCompiles();
    third.expectCompiles();
    EXPECT_THAT(compiler.compiler().sessions().caches(kOrderedClient)->class_hierarchy_updates,
                ElementsAre(3));
  });
}

/// Q8: whatever the order in which they come, updates are applied in that in which they were made.
TEST_P(RequestOrderTest, UpdatesAreAppliedInTheirOrder) {
  runInSession([](Runtime& runtime, RunningCompiler& compiler) {
    std::vector<std::unique_ptr<Requester>> clients;
    for (const std::uint32_t number : {5U, 3U, 6U, 4U, 2U}) {
      clients.push_back(std::make_unique<Requester>(compiler));
      clients.back()->tell(number, number == 2 ? 0 : number - 1);
      sleep(runtime, 10);
    }
    for (const auto& client : clients) client->expectCompiles();
    EXPECT_THAT(compiler.compiler().sessions().caches(kOrderedClient)->class_hierarchy_updates,
                ElementsAre(2, 3, 4, 5, 6));
  });
}

/// Q9. Those that wait survive it.
TEST_P(RequestOrderTest, ARedefinitionEmptiesTheCaches) {
  run(askingScript(), [](Runtime& runtime, RunningCompiler& compiler) {
    Requester first(compiler);
    Requester second(compiler);
    first.ask(1, 0);
    first.expectQuery("getUnloadedClassRangesAndCHTable");
    first.expectQuery("VM_getVMInfo");
    first.expectCompiles();
    second.ask(3, 2);
    sleep(runtime, 10);
    first.tellUnloaded(2, 0, {ClassChanges::kEverything});
    first.expectQuery("getUnloadedClassRangesAndCHTable");  // but not VM_getVMInfo
    first.expectCompiles();
    second.expectCompiles();
    EXPECT_EQ(compiler.compiler().sessions().caches(kOrderedClient)->cleared, 1U);
  });
}

TEST_P(RequestOrderTest, WhatIsFetchedBeforeARedefinitionIsNotKept) {
  run(askingScript(), [](Runtime& runtime, RunningCompiler& compiler) {
    Requester first(compiler);
    Requester second(compiler);
    first.ask(1, 0);
    ASSERT_EQ(first.read(), numberOf("getUnloadedClassRangesAndCHTable"));
    second.tellUnloaded(2, 0, {ClassChanges::kEverything});
    sleep(runtime, 10);
    first.answer("getUnloadedClassRangesAndCHTable");
    ASSERT_EQ(second.read(), numberOf("getUnloadedClassRangesAndCHTable"));
    first.expectQuery("VM_getVMInfo");
    second.answer("getUnloadedClassRangesAndCHTable");
    first.expectCompiles();
    second.expectCompiles();
  });
}

/// If one could not tell, the next one is asked.
TEST_P(RequestOrderTest, AQueryThatFailedIsAskedAgain) {
  run(askingScript(), [](Runtime& runtime, RunningCompiler& compiler) {
    Requester first(compiler);
    Requester second(compiler);
    Requester third(compiler);
    first.ask(1, 0);
    ASSERT_EQ(first.read(), numberOf("getUnloadedClassRangesAndCHTable"));
    first.close();
    second.ask(2, 0);
    second.expectQuery("getUnloadedClassRangesAndCHTable");
    ASSERT_EQ(second.read(), numberOf("VM_getVMInfo"));
    second.close();
    sleep(runtime, 10);
    third.ask(3, 0);
    third.expectQuery("VM_getVMInfo");
    third.expectCompiles();
  });
}

/// I6: nothing is purged under a compilation; the one that is going on is given up at its next question.
TEST_P(RequestOrderTest, ACompilationGivesWayToClassesThatAreUnloaded) {
  Script script = scriptAsking({"VM_isClassArray", "VM_isClassArray"});
  run(script, [](Runtime& runtime, RunningCompiler& compiler) {
    Requester working(compiler);
    Requester unloading(compiler);
    working.ask(1, 0);
    ASSERT_EQ(working.read(), numberOf("VM_isClassArray"));
    unloading.tellUnloaded(2, 0, {classOf(7)});
    sleep(runtime, 10);
    EXPECT_FALSE(unloading.isAnswered());
    working.answer("VM_isClassArray");
    working.expectFailure(headDialect()->table->release().statusCode("compilationInterrupted").value());
    unloading.expectQuery("VM_isClassArray");
    unloading.expectCompiles();
    working.ask(3, 2);
    working.expectQuery("VM_isClassArray");
    working.expectCompiles();
  });
}

TEST_P(RequestOrderTest, UnloadedClassesAndTheirMethodsAreForgotten) {
  runInSession([](Runtime&, RunningCompiler& compiler) {
    const auto caches = [&] { return *compiler.compiler().sessions().caches(kOrderedClient); };
    EXPECT_THAT(caches().methods, ElementsAre(std::pair(1, classOf(1))));
    Requester client(compiler);
    client.tellUnloaded(2, 0, {classOf(1)});
    client.expectCompiles();
    EXPECT_THAT(caches().methods, ElementsAre(std::pair(2, classOf(2))));
  });
}

/// Also if no other client comes in between.
TEST_P(RequestOrderTest, ASessionThatIsIdleForTooLongIsPurged) {
  runInSession([](Runtime& runtime, RunningCompiler& compiler) {
    const ClientSessionTable& sessions = compiler.compiler().sessions();
    const auto others = [&] {
      EXPECT_TRUE(compiler.servesOthers());
      return sessions.find(kOrderedClient).has_value();
    };
    runtime.sleepUntil(runtime.now() + std::chrono::minutes(89));
    EXPECT_TRUE(others());
    runtime.sleepUntil(runtime.now() + std::chrono::minutes(2));
    EXPECT_FALSE(others());
    EXPECT_EQ(sessions.purged(), 1U);
    EXPECT_EQ(sessions.size(), 1U);
  });
}

}  // namespace
}  // namespace jitrig::test
