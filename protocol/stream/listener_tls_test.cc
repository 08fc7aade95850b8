#include <atomic>
#include <filesystem>
#include <iterator>

#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/stream/listener_test_support.h"
#include "protocol/stream/tls/tls_byte_stream.h"
#include "protocol/stream/tls/tls_test.h"

namespace jitrig {
namespace {

using std::chrono::hours;
using testing::AllOf;
using testing::HasSubstr;

class ListenerTlsTest : public testing::TestWithParam<RuntimeUnderTest> {
 protected:
  void run(const std::function<void(Runtime&)>& body) { GetParam().run(body); }
};
INSTANTIATE_TEST_SUITE_P(, ListenerTlsTest, testing::ValuesIn(allRuntimes()), nameOfRuntime);

std::shared_ptr<TlsContext> clientContext(Runtime& runtime) {
  return valueOrThrow(TlsContext::makeClient(runtime, testClientOptions()));
}

/// Trusts somebody else.
std::shared_ptr<TlsContext> distrustfulClientContext(Runtime& runtime) {
  static const CertificateAuthority other("another authority");
  TlsClientOptions options;
  options.root_certificates = other.certificate();
  return valueOrThrow(TlsContext::makeClient(runtime, options));
}

/// Nothing of it happens by itself within a test.
ListenerOptions patientOptions(Runtime& runtime) {
  ListenerOptions options = anyPorts();
  options.tls = valueOrThrow(TlsContext::makeServer(runtime, testServerOptions()));
  options.handshake_timeout_ms = 3'600'000;
  options.handshake_grace_ms = 3'600'000;
  return options;
}

/// A client that has shaken hands.
std::unique_ptr<TlsByteStream> secured(Runtime& runtime, std::uint16_t port,
                                       const std::shared_ptr<TlsContext>& context) {
  auto plain = std::make_unique<ConnectionByteStream>(connectTo(runtime, port));
  return valueOrThrow(
      TlsByteStream::connect(runtime, context, std::move(plain), "127.0.0.1", patience(runtime)));
}

/// Waits for what no event tells of.
void eventually(Runtime& runtime, const std::function<bool()>& condition) {
  const Instant deadline = patience(runtime);
  while (!condition()) {
    if (runtime.now() > deadline) throw std::runtime_error("it never came about");
    runtime.sleepUntil(runtime.now() + milliseconds(1));
  }
}

/// Silent clients, each of which has come so far that the Listener waits for it.
std::vector<std::unique_ptr<Connection>> silentClients(Runtime& runtime, const Listener& listener,
                                                       std::size_t count) {
  std::vector<std::unique_ptr<Connection>> clients;
  for (std::size_t client = 0; client < count; ++client) {
    clients.push_back(connectTo(runtime, listener.port()));
    eventually(runtime, [&] { return listener.halfOpenConnections() == client + 1; });
  }
  return clients;
}

bool isOpen(Connection& connection) {
  std::byte byte{};
  const auto count = connection.readSome(std::span(&byte, 1), kAtOnce);
  return !count && count.error().code == NetErrc::timedOut;
}

TEST_P(ListenerTlsTest, HandsOverConnectionsAfterTheirHandshake) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    const auto listener = listening(runtime, reception, patientOptions(runtime));
    const auto context = clientContext(runtime);
    for (int connection = 0; connection < 3; ++connection) {
      const auto client = secured(runtime, listener->port(), context);
      const auto server = reception.next();
      EXPECT_NE(dynamic_cast<TlsByteStream*>(server.get()), nullptr);
      EXPECT_EQ(server->peerName(), client->localName());
      expectToTalk(runtime, *client, *server);
      EXPECT_EQ(listener->openConnections(), 1U);
      EXPECT_EQ(listener->halfOpenConnections(), 0U);
    }
    EXPECT_EQ(listener->failedHandshakes() + listener->droppedHandshakes() + listener->probes(), 0U);
  });
}

/// The real listener shakes hands in its own thread: one silent client delays all others by up to 30 s.
TEST_P(ListenerTlsTest, SilentAndSlowClientsDelayNobody) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    const auto listener = listening(runtime, reception, patientOptions(runtime));
    const auto silent = silentClients(runtime, *listener, 2);
    valueOrThrow(silent[1]->writeSome(bytesOf("\x16\x03\x01"), patience(runtime)));  // a hello begins so
    const auto context = clientContext(runtime);
    const Instant begin = runtime.now();
    for (int connection = 0; connection < 10; ++connection) {
      const auto client = secured(runtime, listener->port(), context);
      const auto server = reception.next();
      expectToTalk(runtime, *client, *server);
    }
    EXPECT_LT(runtime.now() - begin, hours(1));  // virtual time tells: nobody's deadline had to come first
    EXPECT_EQ(listener->halfOpenConnections(), 2U);
    EXPECT_TRUE(isOpen(*silent[0]));
    EXPECT_TRUE(isOpen(*silent[1]));
    const auto probe = connectTo(runtime, *listener->healthPort());
    EXPECT_EQ(endOf(runtime, *probe), NetErrc::endOfFile);
  });
}

TEST_P(ListenerTlsTest, ManyHandshakesGoOnAtOnce) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    const auto listener = listening(runtime, reception, patientOptions(runtime));
    const auto context = clientContext(runtime);
    std::vector<std::unique_ptr<Task>> clients;
    for (int client = 0; client < 20; ++client) {
      clients.push_back(runtime.spawn("client", [&] {
        const auto stream = secured(runtime, listener->port(), context);
        EXPECT_EQ(readExactly(runtime, *stream, 1)[0], std::byte{'!'});
      }));
    }
    for (int client = 0; client < 20; ++client) {
      valueOrThrow(reception.next()->writeSome(bytesOf("!"), patience(runtime)));
    }
    for (const auto& client : clients) client->join();
  });
}

TEST_P(ListenerTlsTest, AHandshakeHasADeadline) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    ListenerOptions options = patientOptions(runtime);
    options.handshake_timeout_ms = 50;
    const auto listener = listening(runtime, reception, options);
    const Instant begin = runtime.now();
    const auto silent = connectTo(runtime, listener->port());
    const HandshakeFailure failure = reception.nextFailure();
    EXPECT_GE(runtime.now() - begin, milliseconds(50));
    EXPECT_EQ(failure.error.code, NetErrc::timedOut);
    EXPECT_THAT(failure.error.detail, HasSubstr("after 0 bytes of the peer's handshake"));
    EXPECT_THAT(failure.name, HasSubstr(silent->localName()));
    EXPECT_EQ(endOf(runtime, *silent), NetErrc::endOfFile);
    EXPECT_EQ(listener->failedHandshakes(), 1U);
    EXPECT_EQ(listener->openConnections(), 0U);
  });
}

TEST_P(ListenerTlsTest, AtTheLimitTheOldestIsDropped) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    ListenerOptions options = patientOptions(runtime);
    options.max_half_open_connections = 3;
    options.handshake_grace_ms = 0;
    const auto listener = listening(runtime, reception, options);
    const auto silent = silentClients(runtime, *listener, 3);

    const auto fourth = connectTo(runtime, listener->port());
    const HandshakeFailure first_dropped = reception.nextFailure();
    EXPECT_EQ(first_dropped.error.code, NetErrc::limit);
    EXPECT_THAT(first_dropped.error.detail, HasSubstr("dropped for a newer connection"));
    EXPECT_THAT(first_dropped.name, HasSubstr(silent[0]->localName()));
    EXPECT_EQ(endOf(runtime, *silent[0]), NetErrc::endOfFile);

    const auto client = secured(runtime, listener->port(), clientContext(runtime));
    const auto server = reception.next();
    expectToTalk(runtime, *client, *server);
    EXPECT_THAT(reception.nextFailure().name, HasSubstr(silent[1]->localName()));
    EXPECT_TRUE(isOpen(*silent[2]));
    EXPECT_TRUE(isOpen(*fourth));
    EXPECT_EQ(listener->droppedHandshakes(), 2U);
    EXPECT_EQ(listener->failedHandshakes(), 0U);
    EXPECT_EQ(listener->halfOpenConnections(), 2U);
  });
}

TEST_P(ListenerTlsTest, TheGraceIsKeptAndThenTheOldestGoes) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    ListenerOptions options = patientOptions(runtime);
    options.max_half_open_connections = 1;
    options.handshake_grace_ms = 100;
    const auto listener = listening(runtime, reception, options);
    const Instant begin = runtime.now();
    const auto silent = silentClients(runtime, *listener, 1);
    const auto client = secured(runtime, listener->port(), clientContext(runtime));
    EXPECT_GE(runtime.now() - begin, milliseconds(100));
    const auto server = reception.next();
    expectToTalk(runtime, *client, *server);
    EXPECT_EQ(listener->droppedHandshakes(), 1U);
    EXPECT_EQ(endOf(runtime, *silent[0]), NetErrc::endOfFile);
  });
}

/// A crowd beyond the limit waits at the port: none of it is dropped.
TEST_P(ListenerTlsTest, ACrowdDoesNotDropItself) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    ListenerOptions options = patientOptions(runtime);
    options.max_half_open_connections = 2;
    const auto listener = listening(runtime, reception, options);
    const auto context = clientContext(runtime);
    std::vector<std::unique_ptr<Task>> clients;
    for (int client = 0; client < 12; ++client) {
      clients.push_back(runtime.spawn("client", [&] {
        const auto stream = secured(runtime, listener->port(), context);
        EXPECT_EQ(endOf(runtime, *stream), NetErrc::endOfFile);
      }));
    }
    for (int client = 0; client < 12; ++client) reception.next();
    for (const auto& client : clients) client->join();
    EXPECT_EQ(listener->droppedHandshakes() + listener->failedHandshakes() + reception.failures(), 0U);
  });
}

TEST_P(ListenerTlsTest, AHalfOpenConnectionMakesRoomUnderTheLimitOfOpenOnes) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    ListenerOptions options = patientOptions(runtime);
    options.max_open_connections = 1;
    options.handshake_grace_ms = 0;
    const auto listener = listening(runtime, reception, options);
    const auto silent = silentClients(runtime, *listener, 1);
    EXPECT_EQ(listener->openConnections(), 1U);
    const auto client = secured(runtime, listener->port(), clientContext(runtime));
    const auto server = reception.next();
    EXPECT_THAT(reception.nextFailure().name, HasSubstr(silent[0]->localName()));
    expectToTalk(runtime, *client, *server);

    const auto refused = connectTo(runtime, listener->port());
    EXPECT_EQ(endOf(runtime, *refused), NetErrc::endOfFile);
    EXPECT_EQ(listener->refusedConnections(), 1U);
    expectToTalk(runtime, *client, *server);
  });
}

TEST_P(ListenerTlsTest, WithinItsGraceAHalfOpenConnectionCountsAsOpen) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    ListenerOptions options = patientOptions(runtime);
    options.max_open_connections = 1;
    const auto listener = listening(runtime, reception, options);
    const auto silent = silentClients(runtime, *listener, 1);
    const auto refused = connectTo(runtime, listener->port());
    EXPECT_EQ(endOf(runtime, *refused), NetErrc::endOfFile);
    EXPECT_EQ(listener->refusedConnections(), 1U);
    EXPECT_TRUE(isOpen(*silent[0]));
  });
}

TEST_P(ListenerTlsTest, StopClosesHalfOpenConnectionsAndTellsNobody) {
  run([](Runtime& runtime) {
    for (const bool call_stop : {true, false}) {
      Reception reception(runtime);
      auto listener = listening(runtime, reception, patientOptions(runtime));
      const auto silent = silentClients(runtime, *listener, 5);
      const Instant begin = runtime.now();
      if (call_stop) {
        listener->stop();
        EXPECT_EQ(listener->halfOpenConnections(), 0U);
        EXPECT_EQ(listener->openConnections(), 0U);
      } else {
        listener.reset();
      }
      EXPECT_LT(runtime.now() - begin, std::chrono::seconds(30));
      for (const auto& client : silent) EXPECT_EQ(endOf(runtime, *client), NetErrc::endOfFile);
      EXPECT_EQ(reception.failures() + reception.waiting(), 0U);
    }
  });
}

TEST_P(ListenerTlsTest, ConnectionsOutliveTheListener) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    auto listener = listening(runtime, reception, patientOptions(runtime));
    const auto client = secured(runtime, listener->port(), clientContext(runtime));
    auto server = reception.next();
    listener.reset();
    expectToTalk(runtime, *client, *server);
    server.reset();
    EXPECT_EQ(endOf(runtime, *client), NetErrc::endOfFile);
  });
}

/// The health probes of orchestrators: every ten seconds, for ever, on whatever port they were given.
TEST_P(ListenerTlsTest, ProbesAreCountedAndNotTold) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    const auto listener = listening(runtime, reception, patientOptions(runtime));
    for (std::uint64_t probe = 1; probe <= 3; ++probe) {
      connectTo(runtime, listener->port()).reset();
      eventually(runtime, [&] { return listener->probes() == probe; });
    }
    const auto resetting = connectTo(runtime, listener->port());
    resetting->reset();
    eventually(runtime, [&] { return listener->probes() == 4; });
    EXPECT_EQ(listener->failedHandshakes(), 0U);
    EXPECT_EQ(listener->openConnections(), 0U);

    // After a single byte it is no probe.
    auto curious = connectTo(runtime, listener->port());
    valueOrThrow(curious->writeSome(bytesOf("\x16"), patience(runtime)));
    curious.reset();
    const HandshakeFailure failure = reception.nextFailure();
    EXPECT_THAT(failure.error.detail, HasSubstr("after 1 bytes of its handshake"));
    EXPECT_EQ(failure.error.code, NetErrc::endOfFile);
    EXPECT_EQ(listener->failedHandshakes(), 1U);
    EXPECT_EQ(listener->probes(), 4U);
    EXPECT_EQ(reception.failures(), 0U);
  });
}

TEST_P(ListenerTlsTest, APlainClientIsToldFromATlsClient) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    const auto listener = listening(runtime, reception, patientOptions(runtime));
    const auto plain = ClientStream::connect(runtime, {"127.0.0.1", listener->port()}, headDialect(), {});
    plain->buildCompileRequest(std::uint64_t{1});
    const HandshakeFailure failure = reception.nextFailure();
    EXPECT_EQ(failure.error.code, NetErrc::tls);
    EXPECT_THAT(failure.error.detail, HasSubstr("this is not TLS"));
    thrownBy<StreamFailure>([&] { plain->read(); });
    const auto client = secured(runtime, listener->port(), clientContext(runtime));
    const auto server = reception.next();
    expectToTalk(runtime, *client, *server);
  });
}

TEST_P(ListenerTlsTest, AClientThatDoesNotTrustTheServerIsTold) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    const auto listener = listening(runtime, reception, patientOptions(runtime));
    auto plain = std::make_unique<ConnectionByteStream>(connectTo(runtime, listener->port()));
    const auto refused = TlsByteStream::connect(runtime, distrustfulClientContext(runtime), std::move(plain),
                                                "127.0.0.1", patience(runtime));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, NetErrc::tls);
    const HandshakeFailure failure = reception.nextFailure();
    EXPECT_EQ(failure.error.code, NetErrc::tls);
    EXPECT_THAT(failure.error.detail, HasSubstr("the peer refused with alert 48, unknown CA"));
  });
}

TEST_P(ListenerTlsTest, ATlsClientAtAPlainServerIsNamed) {
  run([](Runtime& runtime) {
    Reception reception(runtime);
    const auto listener = listening(runtime, reception);
    const auto client = runtime.spawn("client", [&] {
      auto plain = std::make_unique<ConnectionByteStream>(connectTo(runtime, listener->port()));
      const auto failed = TlsByteStream::connect(runtime, clientContext(runtime), std::move(plain),
                                                 "127.0.0.1", patience(runtime));
      EXPECT_FALSE(failed);
    });
    {
      ServerStream stream(runtime, reception.next(), headDialect(), {});
      const auto failure =
          failureOf(StreamFailure::Cause::malformed, [&] { stream.readCompileRequestMessage(); });
      EXPECT_THAT(failure.what(), HasSubstr("this is a TLS handshake"));
    }
    client->join();
  });
}

/// The given Runtime, but for a while no task can be had for a handshake.
class ThreadlessRuntime final : public ForwardingRuntime {
 public:
  using ForwardingRuntime::ForwardingRuntime;
  std::unique_ptr<Task> spawn(std::string name, std::move_only_function<void()> body) override {
    if (exhausted && name.contains("handshake")) throw std::runtime_error("Resource temporarily unavailable");
    return ForwardingRuntime::spawn(std::move(name), std::move(body));
  }
  std::atomic<bool> exhausted{true};
};

TEST_P(ListenerTlsTest, WithoutATaskAConnectionIsClosedAndTheListenerGoesOn) {
  run([](Runtime& real_runtime) {
    ThreadlessRuntime runtime(real_runtime);
    Reception reception(runtime);
    const auto listener = listening(runtime, reception, patientOptions(runtime));
    const auto unlucky = connectTo(runtime, listener->port());
    const HandshakeFailure failure = reception.nextFailure();
    EXPECT_EQ(failure.error.code, NetErrc::limit);
    EXPECT_THAT(failure.error.detail,
                AllOf(HasSubstr("no task for it"), HasSubstr("Resource temporarily unavailable")));
    EXPECT_EQ(endOf(runtime, *unlucky), NetErrc::endOfFile);
    EXPECT_EQ(listener->failedHandshakes(), 1U);
    EXPECT_EQ(listener->halfOpenConnections() + listener->openConnections(), 0U);

    runtime.exhausted = false;
    const auto client = secured(runtime, listener->port(), clientContext(runtime));
    const auto server = reception.next();
    expectToTalk(runtime, *client, *server);
  });
}

class ThrowingDispatcher final : public ConnectionDispatcher {
 public:
  void onConnection(std::unique_ptr<ByteStream>) override { throw std::runtime_error("no place left"); }
};

TEST_P(ListenerTlsTest, StopClosesEverythingAlsoWhenTheDispatcherThrew) {
  run([](Runtime& runtime) {
    ThrowingDispatcher dispatcher;
    const auto listener = listening(runtime, dispatcher, patientOptions(runtime));
    const auto silent = silentClients(runtime, *listener, 2);
    const auto client = secured(runtime, listener->port(), clientContext(runtime));
    EXPECT_EQ(endOf(runtime, *client), NetErrc::endOfFile);
    EXPECT_STREQ(thrownBy<std::runtime_error>([&] { listener->stop(); }).what(), "no place left");
    EXPECT_EQ(listener->halfOpenConnections() + listener->openConnections(), 0U);
    for (const auto& each : silent) EXPECT_EQ(endOf(runtime, *each), NetErrc::endOfFile);
    EXPECT_EQ(runtime.connect({"127.0.0.1", listener->port()}, patience(runtime)).error().code,
              NetErrc::refused);
  });
}

TEST_P(ListenerTlsTest, LeavesNoDescriptorBehind) {
  const auto openDescriptors = [] {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  run([&](Runtime& runtime) {
    const auto context = clientContext(runtime);
    const auto server_options = patientOptions(runtime);
    const auto before = openDescriptors();
    for (int round = 0; round < 3; ++round) {
      Reception reception(runtime);
      const auto listener = listening(runtime, reception, server_options);
      const auto silent = silentClients(runtime, *listener, 4);
      std::vector<std::unique_ptr<TlsByteStream>> clients;
      for (int client = 0; client < 4; ++client) {
        clients.push_back(secured(runtime, listener->port(), context));
        reception.next();
      }
    }
    EXPECT_EQ(openDescriptors(), before);
  });
}

/// Whoever waits for ever is reported; the Listener goes down with the world in order.
TEST(SimulatedListenerTlsTest, AWorldMayEndWithHalfOpenConnections) {
  SimulatedRuntime runtime;
  const SimulationResult result = runtime.run([&] {
    Reception reception(runtime);
    ListenerOptions options = patientOptions(runtime);
    options.handshake_timeout_ms = 9'000'000'000'000;  // later than the world may last
    const auto listener = listening(runtime, reception, options);
    const auto silent = silentClients(runtime, *listener, 2);
    std::byte byte{};
    static_cast<void>(silent[0]->readSome(std::span(&byte, 1), kNever));
  });
  EXPECT_EQ(result.outcome, SimulationOutcome::virtualTimeUsed);
  EXPECT_THAT(result.report, HasSubstr("TLS handshake with"));
}

/// The same seed gives the same order of connections, of whatever handshakes go on at once.
TEST(SimulatedListenerTlsTest, TheOrderRepeats) {
  const auto names = [](std::uint64_t seed) {
    SimulationOptions options;
    options.seed = seed;
    SimulatedRuntime runtime(options);
    std::vector<std::string> order;
    runtime.runOrThrow([&] {
      Reception reception(runtime);
      const auto listener = listening(runtime, reception, patientOptions(runtime));
      const auto context = clientContext(runtime);
      std::vector<std::unique_ptr<Task>> clients;
      for (int client = 0; client < 12; ++client) {
        clients.push_back(runtime.spawn("client", [&] {
          const auto stream = secured(runtime, listener->port(), context);
          EXPECT_EQ(endOf(runtime, *stream), NetErrc::endOfFile);
        }));
      }
      for (int client = 0; client < 12; ++client) order.push_back(reception.next()->peerName());
      for (const auto& client : clients) client->join();
    });
    return order;
  };
  const auto first = names(5);
  EXPECT_EQ(names(5), first);
  EXPECT_NE(names(6), first);
}

}  // namespace
}  // namespace jitrig
