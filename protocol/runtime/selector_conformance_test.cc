// What runtime.h promises of a Selector, on every Runtime.

#include <atomic>

#include "protocol/runtime/conformance_test.h"

namespace jitrig {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// With sockets and with pipes.
class SelectorConformance : public OverMedium {};

TEST_P(SelectorConformance, ReportsOnceUntilAddedAgain) {
  run([](Runtime& runtime, ConnectedPair pair) {
    const auto selector = runtime.makeSelector("test");
    selector->add(*pair.server);
    selector->add(*pair.server);  // changes nothing
    const auto writer = runtime.spawn(
        "writer", [&] { valueOrThrow(writeAll(*pair.client, "x", runtime.now() + kTestPatience)); });
    EXPECT_THAT(selector->wait(runtime.now() + kTestPatience), ElementsAre(pair.server.get()));
    EXPECT_THAT(selector->wait(kAtOnce), IsEmpty());
    selector->add(*pair.server);
    EXPECT_THAT(selector->wait(kAtOnce), ElementsAre(pair.server.get()));
    EXPECT_EQ(readExactly(runtime, *pair.server, 1), "x");
    writer->join();
    selector->add(*pair.server);
    EXPECT_THAT(selector->wait(kAtOnce), IsEmpty());
    selector->remove(*pair.server);
  });
}

TEST_P(SelectorConformance, TheEndOfFileIsReady) {
  run([](Runtime& runtime, ConnectedPair pair) {
    const auto selector = runtime.makeSelector("test");
    selector->add(*pair.server);
    EXPECT_THAT(selector->wait(kAtOnce), IsEmpty());
    valueOrThrow(pair.client->closeWrite());
    EXPECT_THAT(selector->wait(runtime.now() + kTestPatience), ElementsAre(pair.server.get()));
  });
}

TEST_P(SelectorConformance, ADestroyedPeerIsReady) {
  run([](Runtime& runtime, ConnectedPair pair) {
    const auto selector = runtime.makeSelector("test");
    selector->add(*pair.server);
    pair.client.reset();
    EXPECT_THAT(selector->wait(runtime.now() + kTestPatience), ElementsAre(pair.server.get()));
  });
}

TEST_P(SelectorConformance, AResetIsReadyOnBothSides) {
  run([](Runtime& runtime, ConnectedPair pair) {
    const auto selector = runtime.makeSelector("test");
    selector->add(*pair.server);
    pair.client->reset();
    EXPECT_THAT(selector->wait(runtime.now() + kTestPatience), ElementsAre(pair.server.get()));
    selector->add(*pair.client);
    EXPECT_THAT(selector->wait(runtime.now() + kTestPatience), ElementsAre(pair.client.get()));
  });
}

TEST_P(SelectorConformance, CancelIsReadyAndEndsAWait) {
  run([](Runtime& runtime, ConnectedPair pair) {
    const auto selector = runtime.makeSelector("test");
    selector->add(*pair.server);
    std::vector<Waitable*> reported;
    const auto waiter = runtime.spawn("waiter", [&] { reported = selector->wait(kNever); });
    letOthersWait(runtime);
    pair.server->cancel();
    waiter->join();
    EXPECT_THAT(reported, ElementsAre(pair.server.get()));
    selector->add(*pair.server);  // also when it was cancelled before
    EXPECT_THAT(selector->wait(runtime.now() + kTestPatience), ElementsAre(pair.server.get()));
  });
}

TEST_P(SelectorConformance, ARemovedOneIsNotReportedAndMayBeDestroyed) {
  run([](Runtime& runtime, ConnectedPair pair) {
    const auto selector = runtime.makeSelector("test");
    selector->add(*pair.server);
    pair.client->reset();
    waitUntilReady(runtime, *pair.client);
    selector->remove(*pair.server);
    selector->remove(*pair.server);  // not watched: nothing happens
    EXPECT_THAT(selector->wait(runtime.now() + milliseconds(10)), IsEmpty());
    pair.server.reset();
    EXPECT_THAT(selector->wait(kAtOnce), IsEmpty());
  });
}

TEST_P(SelectorConformance, RemovedAndDestroyedWhileAnotherTaskWaits) {
  run([](Runtime& runtime, ConnectedPair pair) {
    const auto selector = runtime.makeSelector("test");
    selector->add(*pair.client);
    selector->add(*pair.server);
    std::vector<Waitable*> reported;
    const auto waiter = runtime.spawn("waiter", [&] { reported = selector->wait(kNever); });
    letOthersWait(runtime);
    selector->remove(*pair.client);
    pair.client.reset();  // the end of file for the other
    waiter->join();
    EXPECT_THAT(reported, ElementsAre(pair.server.get()));
  });
}

TEST_P(SelectorConformance, OneAddedWhileAnotherTaskWaitsIsWatchedAtOnce) {
  run([](Runtime& runtime, ConnectedPair pair) {
    const auto selector = runtime.makeSelector("test");
    std::vector<Waitable*> reported;
    const auto waiter = runtime.spawn("waiter", [&] { reported = selector->wait(kNever); });
    letOthersWait(runtime);
    selector->add(*pair.server);
    letOthersWait(runtime);
    valueOrThrow(pair.client->closeWrite());
    waiter->join();
    EXPECT_THAT(reported, ElementsAre(pair.server.get()));
  });
}

INSTANTIATE_TEST_SUITE_P(, SelectorConformance,
                         testing::Combine(testing::ValuesIn(allRuntimes()), testing::ValuesIn(allMedia())),
                         nameOfRuntimeAndMedium);

class SelectorWaits : public OnRuntime {};

TEST_P(SelectorWaits, EndWithNothingAtTheDeadline) {
  run([](Runtime& runtime) {
    const auto selector = runtime.makeSelector("test");
    EXPECT_THAT(selector->wait(kAtOnce), IsEmpty());
    const Instant deadline = runtime.now() + milliseconds(20);
    EXPECT_THAT(selector->wait(deadline), IsEmpty());
    EXPECT_GE(runtime.now(), deadline);
  });
}

TEST_P(SelectorWaits, AreEndedByWakeFromAnotherTask) {
  run([](Runtime& runtime) {
    const auto selector = runtime.makeSelector("test");
    std::vector<Waitable*> reported{nullptr};
    const auto waiter = runtime.spawn("waiter", [&] { reported = selector->wait(kNever); });
    letOthersWait(runtime);
    selector->wake();
    waiter->join();
    EXPECT_THAT(reported, IsEmpty());
  });
}

TEST_P(SelectorWaits, FindAWakeThatCameBeforeThemOnce) {
  run([](Runtime& runtime) {
    const auto selector = runtime.makeSelector("test");
    selector->wake();
    selector->wake();
    EXPECT_THAT(selector->wait(kNever), IsEmpty());
    const Instant deadline = runtime.now() + milliseconds(10);
    EXPECT_THAT(selector->wait(deadline), IsEmpty());
    EXPECT_GE(runtime.now(), deadline);
  });
}

TEST_P(SelectorWaits, LoseNothingToAWake) {
  run([](Runtime& runtime) {
    const ConnectedPair pair = connectThroughPort(runtime);
    const auto selector = runtime.makeSelector("test");
    valueOrThrow(pair.client->closeWrite());
    waitUntilReady(runtime, *pair.server);
    selector->add(*pair.server);
    selector->wake();
    // Which of the two comes first is the Selector's choice.
    std::vector<Waitable*> reported = selector->wait(kNever);
    if (reported.empty()) reported = selector->wait(kNever);
    EXPECT_THAT(reported, ElementsAre(pair.server.get()));
  });
}

TEST_P(SelectorWaits, LoseNoPipeToAWake) {
  run([](Runtime& runtime) {
    auto [near, far] = runtime.makePipe("pipe");
    const auto writer = runtime.spawn("writer", [&writing_end = far] {
      EXPECT_EQ(errorOf(writeAll(*writing_end, "x", kNever)), NetErrc::reset);
    });
    waitUntilReady(runtime, *near);
    const auto selector = runtime.makeSelector("test");
    selector->wake();
    selector->add(*near);
    std::vector<Waitable*> reported = selector->wait(runtime.now() + kTestPatience);
    if (reported.empty())
      reported = selector->wait(runtime.now() + kTestPatience);  // the first was the wake()
    EXPECT_THAT(reported, ElementsAre(near.get()));
    near->reset();  // the writer gives up
  });
}

TEST_P(SelectorWaits, ReportAcceptorsSocketsAndPipesInTheOrderInWhichTheyWereAdded) {
  run([](Runtime& runtime) {
    const ConnectedPair first = connectThroughPort(runtime);
    const ConnectedPair second = connectThroughPort(runtime);
    const ConnectedPair pipe = connectThroughPipe(runtime);
    const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    const auto client = valueOrThrow(runtime.connect({"127.0.0.1", acceptor->port()}, kNever));
    valueOrThrow(second.client->closeWrite());
    valueOrThrow(pipe.client->closeWrite());
    valueOrThrow(first.client->closeWrite());
    const std::vector<Waitable*> watched{second.server.get(), pipe.server.get(), acceptor.get(),
                                         first.server.get()};
    for (Waitable* waitable : watched) waitUntilReady(runtime, *waitable);

    const auto selector = runtime.makeSelector("test");
    for (Waitable* waitable : watched) selector->add(*waitable);
    EXPECT_EQ(selector->wait(kAtOnce), watched);

    const std::vector<Waitable*> backwards(watched.rbegin(), watched.rend());
    for (Waitable* waitable : backwards) selector->add(*waitable);
    EXPECT_EQ(selector->wait(kAtOnce), backwards);
  });
}

TEST_P(SelectorWaits, AreEndedByACancelledAcceptor) {
  run([](Runtime& runtime) {
    const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    const auto selector = runtime.makeSelector("test");
    selector->add(*acceptor);
    std::vector<Waitable*> reported;
    const auto waiter = runtime.spawn("waiter", [&] { reported = selector->wait(kNever); });
    letOthersWait(runtime);
    acceptor->cancel();
    waiter->join();
    EXPECT_THAT(reported, ElementsAre(acceptor.get()));
  });
}

TEST_P(SelectorWaits, ReportTheOneThatIsReadyOfMany) {
  run([](Runtime& runtime) {
    std::vector<ConnectedPair> pairs;
    const auto selector = runtime.makeSelector("test");
    for (int count = 0; count < 50; ++count) {
      pairs.push_back(count % 2 == 0 ? connectThroughPort(runtime) : connectThroughPipe(runtime));
      selector->add(*pairs.back().server);
    }
    EXPECT_THAT(selector->wait(kAtOnce), IsEmpty());
    for (const std::size_t chosen : {31U, 12U}) {
      valueOrThrow(pairs[chosen].client->closeWrite());
      EXPECT_THAT(selector->wait(runtime.now() + kTestPatience), ElementsAre(pairs[chosen].server.get()));
    }
    for (ConnectedPair& pair : pairs) selector->remove(*pair.server);
  });
}

TEST_P(SelectorWaits, DoNotReportAPipeWhoseWriterHasGivenUp) {
  run([](Runtime& runtime) {
    const ConnectedPair pipe = connectThroughPipe(runtime);
    const auto selector = runtime.makeSelector("test");
    selector->add(*pipe.server);
    EXPECT_EQ(errorOf(pipe.client->writeSome(bytesOf("x"), kAtOnce)), NetErrc::timedOut);
    EXPECT_THAT(selector->wait(runtime.now() + milliseconds(10)), IsEmpty());
    selector->remove(*pipe.server);
  });
}

/// A server as the Listener and the parking of streams are written: one task waits for everything.
TEST_P(SelectorWaits, ServeManyConversationsFromOneTask) {
  run([](Runtime& runtime) {
    constexpr int kClients = 8;
    constexpr int kRequests = 20;
    std::vector<ConnectedPair> pairs;
    for (int count = 0; count < kClients; ++count) {
      pairs.push_back(count % 2 == 0 ? connectThroughPort(runtime) : connectThroughPipe(runtime));
    }
    std::vector<std::unique_ptr<Task>> clients;
    for (ConnectedPair& pair : pairs) {
      clients.push_back(runtime.spawn("client", [&runtime, &pair] {
        for (int request = 0; request < kRequests; ++request) {
          valueOrThrow(writeAll(*pair.client, "?", runtime.now() + kTestPatience));
          EXPECT_EQ(readExactly(runtime, *pair.client, 1), "!");
        }
        valueOrThrow(pair.client->closeWrite());
      }));
    }
    const auto selector = runtime.makeSelector("server");
    for (ConnectedPair& pair : pairs) selector->add(*pair.server);
    int answered = 0;
    for (int open = kClients; open > 0;) {
      const std::vector<Waitable*> ready = selector->wait(runtime.now() + kTestPatience);
      ASSERT_FALSE(ready.empty());
      for (Waitable* waitable : ready) {
        auto& connection = dynamic_cast<Connection&>(*waitable);
        const NetResult<std::string> request = readUpTo(connection, 10, kAtOnce);
        if (!request) {
          EXPECT_EQ(request.error().code, NetErrc::endOfFile);
          --open;
          continue;
        }
        EXPECT_EQ(*request, "?");
        valueOrThrow(writeAll(connection, "!", runtime.now() + kTestPatience));
        ++answered;
        selector->add(connection);
      }
    }
    for (const auto& client : clients) client->join();
    EXPECT_EQ(answered, kClients * kRequests);
  });
}

INSTANTIATE_TEST_SUITE_P(, SelectorWaits, testing::ValuesIn(allRuntimes()), nameOfRuntime);

}  // namespace
}  // namespace jitrig
