#include "protocol/stream/listener.h"

#include <filesystem>
#include <iterator>

#include "protocol/runtime/readiness.h"
#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/stream/listener_test_support.h"
#include "protocol/stream/mock_connection_dispatcher.h"

namespace jitrig {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class ListenerTest : public testing::TestWithParam<RuntimeUnderTest> {
 protected:
  void run(const std::function<void(Runtime&)>& body) { GetParam().run(body); }
};
INSTANTIATE_TEST_SUITE_P(, ListenerTest, testing::ValuesIn(allRuntimes()), nameOfRuntime);

TEST_P(ListenerTest, ReportsTheBoundPorts) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    const auto listener = valueOrThrow(Listener::make(runtime, anyPorts(), reception));
    EXPECT_NE(listener->port(), 0);
    ASSERT_TRUE(listener->healthPort().has_value());
    EXPECT_NE(*listener->healthPort(), 0);
    EXPECT_NE(*listener->healthPort(), listener->port());

    ListenerOptions without_health = anyPorts();
    without_health.health_port.reset();
    EXPECT_FALSE(valueOrThrow(Listener::make(runtime, without_health, reception))->healthPort().has_value());
  });
}

TEST_P(ListenerTest, HandsOverEachConnectionOnce) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    MockConnectionDispatcher dispatcher;
    EXPECT_CALL(dispatcher, onConnection(testing::NotNull()))
        .Times(5)
        .WillRepeatedly(
            [&](std::unique_ptr<ByteStream> stream) { reception.onConnection(std::move(stream)); });
    const auto listener = listening(runtime, dispatcher);
    for (int connection = 0; connection < 5; ++connection) {
      const auto client = connectTo(runtime, listener->port());
      const auto server = reception.next();
      EXPECT_EQ(server->peerName(), client->localName());
      expectToTalk(runtime, *client, *server);
    }
    listener->stop();
    EXPECT_EQ(reception.waiting(), 0U);
  });
}

TEST_P(ListenerTest, ClosesHealthProbesAtOnce) {
  run([](Runtime& runtime) {
    testing::StrictMock<MockConnectionDispatcher> dispatcher;
    const auto listener = listening(runtime, dispatcher);
    for (int probe = 0; probe < 3; ++probe) {
      const auto client = connectTo(runtime, *listener->healthPort());
      EXPECT_EQ(endOf(runtime, *client), NetErrc::endOfFile);
    }
    EXPECT_EQ(listener->openConnections(), 0U);
  });
}

TEST_P(ListenerTest, StopRefusesNewConnectionsAndKeepsTheOpenOnes) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    const auto listener = listening(runtime, reception);
    const auto client = connectTo(runtime, listener->port());
    const auto server = reception.next();
    listener->stop();
    listener->stop();
    for (const std::uint16_t port : {listener->port(), *listener->healthPort()}) {
      const auto refused = runtime.connect({"127.0.0.1", port}, patience(runtime));
      ASSERT_FALSE(refused.has_value());
      EXPECT_EQ(refused.error().code, NetErrc::refused);
    }
    expectToTalk(runtime, *client, *server);
  });
}

TEST_P(ListenerTest, ConnectionsOutliveTheListener) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    auto listener = listening(runtime, reception);
    const auto client = connectTo(runtime, listener->port());
    auto server = reception.next();
    EXPECT_EQ(listener->openConnections(), 1U);
    listener.reset();  // its destructor stops it
    expectToTalk(runtime, *client, *server);
    server.reset();
    EXPECT_EQ(endOf(runtime, *client), NetErrc::endOfFile);
  });
}

TEST_P(ListenerTest, ClosesConnectionsBeyondTheLimitAtOnce) {
  run([](Runtime& runtime) {
    ListenerOptions options = anyPorts();
    options.max_open_connections = 2;
    Reception reception(runtime);
    const auto listener = listening(runtime, reception, options);
    const auto first = connectTo(runtime, listener->port());
    auto first_server = reception.next();
    const auto second = connectTo(runtime, listener->port());
    const auto second_server = reception.next();

    const auto third = connectTo(runtime, listener->port());
    EXPECT_EQ(endOf(runtime, *third), NetErrc::endOfFile);
    EXPECT_EQ(listener->refusedConnections(), 1U);
    EXPECT_EQ(listener->openConnections(), 2U);
    expectToTalk(runtime, *second, *second_server);

    first_server.reset();
    EXPECT_EQ(listener->openConnections(), 1U);
    const auto fourth = connectTo(runtime, listener->port());
    const auto fourth_server = reception.next();
    expectToTalk(runtime, *fourth, *fourth_server);
    EXPECT_EQ(listener->refusedConnections(), 1U);
  });
}

TEST_P(ListenerTest, ASilentClientDoesNotHinderOthers) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    const auto listener = listening(runtime, reception);
    const auto silent = connectTo(runtime, listener->port());
    const auto silent_server = reception.next();
    const auto probe = connectTo(runtime, *listener->healthPort());
    EXPECT_EQ(endOf(runtime, *probe), NetErrc::endOfFile);
    const auto client = connectTo(runtime, listener->port());
    const auto server = reception.next();
    expectToTalk(runtime, *client, *server);
  });
}

/// More than are accepted in a row before the other port has its turn.
TEST_P(ListenerTest, ServesACrowdAndAProbe) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    const auto listener = valueOrThrow(Listener::make(runtime, anyPorts(), reception));
    std::vector<std::unique_ptr<Connection>> clients;
    for (int client = 0; client < 100; ++client) clients.push_back(connectTo(runtime, listener->port()));
    const auto probe = connectTo(runtime, *listener->healthPort());
    listener->start();
    EXPECT_EQ(endOf(runtime, *probe), NetErrc::endOfFile);
    for (std::size_t client = 0; client < clients.size(); ++client) reception.next();
  });
}

TEST_P(ListenerTest, ATakenPortIsNamed) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    const auto listener = valueOrThrow(Listener::make(runtime, anyPorts(), reception));
    ListenerOptions same = anyPorts();
    same.endpoint.port = listener->port();
    const auto taken = Listener::make(runtime, same, reception);
    ASSERT_FALSE(taken.has_value());
    EXPECT_EQ(taken.error().code, NetErrc::addressInUse);
    EXPECT_THAT(taken.error().detail,
                AllOf(HasSubstr(std::to_string(listener->port())), testing::Not(HasSubstr("health"))));

    ListenerOptions same_health = anyPorts();
    same_health.health_port = listener->healthPort();
    const auto health_taken = Listener::make(runtime, same_health, reception);
    ASSERT_FALSE(health_taken.has_value());
    EXPECT_EQ(health_taken.error().code, NetErrc::addressInUse);
    EXPECT_THAT(health_taken.error().detail,
                AllOf(HasSubstr("health port"), HasSubstr(std::to_string(*listener->healthPort()))));
  });
}

TEST_P(ListenerTest, StartsOnce) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    const auto started = listening(runtime, reception);
    thrownBy<std::logic_error>([&] { started->start(); });
    const auto stopped = valueOrThrow(Listener::make(runtime, anyPorts(), reception));
    stopped->stop();
    thrownBy<std::logic_error>([&] { stopped->start(); });
    const auto never_started = valueOrThrow(Listener::make(runtime, anyPorts(), reception));
  });
}

TEST_P(ListenerTest, StopsFromAnotherTask) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    const auto listener = listening(runtime, reception);
    const auto stopper = runtime.spawn("stopper", [&] { listener->stop(); });
    stopper->join();
    EXPECT_FALSE(runtime.connect({"127.0.0.1", listener->port()}, patience(runtime)).has_value());
  });
}

TEST_P(ListenerTest, StopRethrowsWhatTheDispatcherThrew) {
  run([](Runtime& runtime) {
    MockConnectionDispatcher dispatcher;
    EXPECT_CALL(dispatcher, onConnection).Times(2).WillRepeatedly([](std::unique_ptr<ByteStream>) {
      throw std::runtime_error("no place left");
    });
    for (const bool call_stop : {true, false}) {
      const auto listener = listening(runtime, dispatcher);
      const auto client = connectTo(runtime, listener->port());
      EXPECT_EQ(endOf(runtime, *client), NetErrc::endOfFile);
      if (call_stop) {
        EXPECT_STREQ(thrownBy<std::runtime_error>([&] { listener->stop(); }).what(), "no place left");
      }
    }
  });
}

/// Against the rule, but it happens: the destructor then waits for ever, and must not turn the end of the
/// world into std::terminate.
TEST(SimulatedListenerTest, ADispatcherThatWaitsForEverIsReportedAsADeadlock) {
  SimulatedRuntime runtime;
  const SimulationResult result = runtime.run([&] {
    MockConnectionDispatcher dispatcher;
    EXPECT_CALL(dispatcher, onConnection).WillOnce([&](std::unique_ptr<ByteStream> stream) {
      std::byte byte{};
      static_cast<void>(stream->readSome(std::span(&byte, 1), kNever));
    });
    const auto client_outlives_listener = [&] {
      const auto listener = listening(runtime, dispatcher);
      auto client = connectTo(runtime, listener->port());
      runtime.sleepUntil(runtime.now() + milliseconds(10));
      return client;
    };
    client_outlives_listener();
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::deadlock);
  EXPECT_THAT(result.report, HasSubstr("listener"));
}

TEST_P(ListenerTest, LeavesNoDescriptorBehind) {
  const auto openDescriptors = [] {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  run([&](Runtime& runtime) {
    const auto before = openDescriptors();
    for (int round = 0; round < 3; ++round) {
      Reception reception(runtime);
      const auto listener = listening(runtime, reception);
      std::vector<std::unique_ptr<Connection>> clients;
      for (int client = 0; client < 10; ++client) clients.push_back(connectTo(runtime, listener->port()));
      for (int server = 0; server < 5; ++server) reception.next();
    }
    EXPECT_EQ(openDescriptors(), before);
  });
}

/// Always ready, and out of descriptors the first times: what a Listener sees whose process has used them up.
class ExhaustedAcceptor final : public Acceptor, public ReadinessSource {
 public:
  ExhaustedAcceptor(Runtime& runtime, std::vector<Instant>& attempts, Condition& attempted, Mutex& mutex)
      : runtime_(runtime), attempts_(attempts), attempted_(attempted), mutex_(mutex) {}

  NetResult<std::unique_ptr<Connection>> accept(Instant) override {
    const Lock lock(mutex_);
    attempts_.push_back(runtime_.now());
    attempted_.notifyAll();
    return std::unexpected(NetError{NetErrc::limit, "Too many open files"});
  }
  std::uint16_t port() const override { return 1; }
  void cancel() override {}
  const std::string& name() const override { return name_; }
  bool readyNow() const override { return true; }
  void setObserver(ReadinessObserver*) override {}

 private:
  Runtime& runtime_;
  std::vector<Instant>& attempts_;
  Condition& attempted_;
  Mutex& mutex_;
  std::string name_ = "exhausted";
};

/// The given Runtime, except for what listens.
class ExhaustedRuntime final : public ForwardingRuntime {
 public:
  explicit ExhaustedRuntime(Runtime& runtime)
      : ForwardingRuntime(runtime),
        mutex(runtime.makeMutex("attempts")),
        attempted(runtime.makeCondition("attempt")),
        runtime_(runtime) {}

  NetResult<std::unique_ptr<Acceptor>> listen(const Endpoint&) override {
    return std::make_unique<ExhaustedAcceptor>(runtime_, attempts, *attempted, *mutex);
  }

  std::unique_ptr<Mutex> mutex;
  std::unique_ptr<Condition> attempted;
  std::vector<Instant> attempts;

 private:
  Runtime& runtime_;
};

TEST_P(ListenerTest, RestsWhenTheProcessIsOutOfDescriptors) {
  run([](Runtime& real_runtime) {
    ExhaustedRuntime runtime(real_runtime);
    Reception reception(real_runtime);
    ListenerOptions options = anyPorts();
    options.health_port.reset();
    const auto listener = listening(runtime, reception, options);
    {
      Lock lock(*runtime.mutex);
      ASSERT_TRUE(runtime.attempted->wait(lock, patience(real_runtime),
                                          [&] { return runtime.attempts.size() >= 3; }));
    }
    listener->stop();
    for (std::size_t attempt = 1; attempt < runtime.attempts.size(); ++attempt) {
      EXPECT_GE(runtime.attempts[attempt] - runtime.attempts[attempt - 1], milliseconds(100));
    }
  });
}

}  // namespace
}  // namespace jitrig
