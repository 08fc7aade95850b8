// What runtime.h and connection.h promise of listen, connect and Acceptor, on every Runtime.

#include <fmt/format.h>

#include "protocol/runtime/conformance_test.h"

namespace jitrig {
namespace {

class AcceptorConformance : public OnRuntime {};

TEST_P(AcceptorConformance, PortZeroTakesAFreePortAndSaysWhich) {
  run([](Runtime& runtime) {
    const auto first = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    const auto second = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    EXPECT_NE(first->port(), 0);
    EXPECT_NE(second->port(), 0);
    EXPECT_NE(first->port(), second->port());
    EXPECT_FALSE(first->name().empty());
  });
}

TEST_P(AcceptorConformance, AConnectionDoesNotWaitForAccept) {
  run([](Runtime& runtime) {
    const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    const auto client = valueOrThrow(runtime.connect({"127.0.0.1", acceptor->port()}, kNever));
    valueOrThrow(writeAll(*client, "early", kNever));
    const auto server = valueOrThrow(acceptor->accept(runtime.now() + kTestPatience));
    EXPECT_EQ(readExactly(runtime, *server, 5), "early");
    EXPECT_EQ(server->localName(), toString(Endpoint{"127.0.0.1", acceptor->port()}));
  });
}

TEST_P(AcceptorConformance, ConnectionsAreAcceptedInTheirOrder) {
  run([](Runtime& runtime) {
    const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    std::vector<std::unique_ptr<Connection>> clients;
    for (int count = 0; count < 20; ++count) {
      clients.push_back(valueOrThrow(runtime.connect({"127.0.0.1", acceptor->port()}, kNever)));
    }
    for (const auto& client : clients) {
      const auto server = valueOrThrow(acceptor->accept(runtime.now() + kTestPatience));
      EXPECT_EQ(server->peerName(), client->localName());
    }
  });
}

TEST_P(AcceptorConformance, ATakenPortIsNamed) {
  run([](Runtime& runtime) {
    const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    const auto second = runtime.listen({"127.0.0.1", acceptor->port()});
    EXPECT_EQ(errorOf(second), NetErrc::addressInUse);
    EXPECT_THAT(second.error().detail, testing::HasSubstr(fmt::format("127.0.0.1:{}", acceptor->port())));
  });
}

TEST_P(AcceptorConformance, APortIsFreeAgainWhenItsAcceptorIsGoneThoughConnectionsLiveOn) {
  run([](Runtime& runtime) {
    auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    const std::uint16_t port = acceptor->port();
    const auto client = valueOrThrow(runtime.connect({"127.0.0.1", port}, kNever));
    const auto server = valueOrThrow(acceptor->accept(runtime.now() + kTestPatience));
    acceptor.reset();
    const auto again = valueOrThrow(runtime.listen({"127.0.0.1", port}));
    EXPECT_EQ(again->port(), port);
    valueOrThrow(writeAll(*client, "still there", kNever));
    EXPECT_EQ(readExactly(runtime, *server, 11), "still there");
  });
}

TEST_P(AcceptorConformance, ConnectingWhereNobodyListensIsRefused) {
  run([](Runtime& runtime) {
    const std::uint16_t port = valueOrThrow(runtime.listen({"127.0.0.1", 0}))->port();
    const auto connection = runtime.connect({"127.0.0.1", port}, runtime.now() + kTestPatience);
    EXPECT_EQ(errorOf(connection), NetErrc::refused);
    EXPECT_THAT(connection.error().detail, testing::HasSubstr(fmt::format("127.0.0.1:{}", port)));
  });
}

TEST_P(AcceptorConformance, AcceptEndsAtItsDeadline) {
  run([](Runtime& runtime) {
    const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    EXPECT_EQ(errorOf(acceptor->accept(kAtOnce)), NetErrc::timedOut);
    const Instant deadline = runtime.now() + milliseconds(20);
    EXPECT_EQ(errorOf(acceptor->accept(deadline)), NetErrc::timedOut);
    EXPECT_GE(runtime.now(), deadline);
  });
}

TEST_P(AcceptorConformance, AWaitingConnectionGoesBeforeTheDeadline) {
  run([](Runtime& runtime) {
    const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    const auto client = valueOrThrow(runtime.connect({"127.0.0.1", acceptor->port()}, kNever));
    waitUntilReady(runtime, *acceptor);
    EXPECT_TRUE(acceptor->accept(kAtOnce).has_value());
  });
}

TEST_P(AcceptorConformance, CancelEndsAcceptFromAnotherTask) {
  run([](Runtime& runtime) {
    const auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    NetErrc end = NetErrc::other;
    const auto task = runtime.spawn("acceptor", [&] { end = errorOf(acceptor->accept(kNever)); });
    letOthersWait(runtime);
    acceptor->cancel();
    task->join();
    EXPECT_EQ(end, NetErrc::cancelled);
    EXPECT_EQ(errorOf(acceptor->accept(kNever)), NetErrc::cancelled);
    EXPECT_EQ(errorOf(runtime.listen({"127.0.0.1", acceptor->port()})), NetErrc::addressInUse);
  });
}

TEST_P(AcceptorConformance, AConnectionThatWasNeverAcceptedEndsWithItsAcceptor) {
  run([](Runtime& runtime) {
    auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    const auto client = valueOrThrow(runtime.connect({"127.0.0.1", acceptor->port()}, kNever));
    waitUntilReady(runtime, *acceptor);
    acceptor.reset();
    EXPECT_THAT(readToEnd(runtime, *client).end, testing::AnyOf(NetErrc::reset, NetErrc::endOfFile));
  });
}

INSTANTIATE_TEST_SUITE_P(, AcceptorConformance, testing::ValuesIn(allRuntimes()), nameOfRuntime);

}  // namespace
}  // namespace jitrig
