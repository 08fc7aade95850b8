// Sessions that are taken up again.

#include <array>
#include <tuple>

#include "protocol/stream/tls/tls_test.h"

namespace jitrig {
namespace {

class TlsResumptionTest : public testing::TestWithParam<std::tuple<RuntimeUnderTest, TlsVersion>> {
 protected:
  void SetUp() override { client.newest_version = std::get<1>(GetParam()); }
  static bool isTls13() { return std::get<1>(GetParam()) == TlsVersion::tls1_3; }
  static void run(const std::function<void(Runtime&)>& body) { std::get<0>(GetParam()).run(body); }

  /// One connection, on which the server speaks; whether it was resumed, which both sides must agree on.
  /// Over a pipe, whose name is always the same, as a server's is.
  static bool resumed(Runtime& runtime, const TlsEnds& contexts, const std::string& name = "localhost",
                      bool in_order = true) {
    TlsPair tls = connected(runtime, contexts, connectThroughPipe(runtime), name);
    const auto server = runtime.spawn("server", [&] { writeText(runtime, tls.serverStream(), "hello"); });
    EXPECT_EQ(readText(runtime, tls.clientStream(), 5), "hello");
    server->join();
    EXPECT_EQ(tls.clientStream().session().resumed, tls.serverStream().session().resumed);
    EXPECT_EQ(tls.clientStream().session().peer_subject, "CN=localhost");
    if (!in_order) tls.clientStream().reset();
    return tls.clientStream().session().resumed;
  }

  TlsClientOptions client = testClientOptions();
  TlsServerOptions server = testServerOptions();
};

INSTANTIATE_TEST_SUITE_P(, TlsResumptionTest,
                         testing::Combine(testing::ValuesIn(allRuntimes()),
                                          testing::Values(TlsVersion::tls1_2, TlsVersion::tls1_3)),
                         [](const auto& place) {
                           return std::get<0>(place.param).name +
                                  (std::get<1>(place.param) == TlsVersion::tls1_2 ? "_tls1_2" : "_tls1_3");
                         });

TEST_P(TlsResumptionTest, TheSecondConnectionAndAllAfterIt) {
  run([&](Runtime& runtime) {
    const TlsEnds contexts = testContexts(runtime, client, server);
    EXPECT_FALSE(resumed(runtime, contexts));
    EXPECT_TRUE(resumed(runtime, contexts));
    EXPECT_TRUE(resumed(runtime, contexts));
  });
}

TEST_P(TlsResumptionTest, AfterAnEndWithoutGoodbyeToo) {
  run([&](Runtime& runtime) {
    const TlsEnds contexts = testContexts(runtime, client, server);
    EXPECT_FALSE(resumed(runtime, contexts, "localhost", false));
    EXPECT_TRUE(resumed(runtime, contexts, "localhost", false));
    EXPECT_TRUE(resumed(runtime, contexts));
  });
}

TEST_P(TlsResumptionTest, WithAClientCertificate) {
  server.client_root_certificates = testAuthority().certificate();
  server.require_client_certificate = true;
  client.identity = testAuthority().issue({.subject = "a client"});
  run([&](Runtime& runtime) {
    const TlsEnds contexts = testContexts(runtime, client, server);
    EXPECT_FALSE(resumed(runtime, contexts));
    TlsPair tls = connected(runtime, contexts, connectThroughPipe(runtime));
    EXPECT_TRUE(tls.serverStream().session().resumed);
    EXPECT_EQ(tls.serverStream().session().peer_subject, "CN=a client");
  });
}

TEST_P(TlsResumptionTest, NotIfTheClientKeepsNoSessions) {
  client.max_cached_sessions = 0;
  run([&](Runtime& runtime) {
    const TlsEnds contexts = testContexts(runtime, client, server);
    EXPECT_FALSE(resumed(runtime, contexts));
    EXPECT_FALSE(resumed(runtime, contexts));
  });
}

TEST_P(TlsResumptionTest, NotIfTheServerGivesNone) {
  server.resume_sessions = false;
  run([&](Runtime& runtime) {
    const TlsEnds contexts = testContexts(runtime, client, server);
    EXPECT_FALSE(resumed(runtime, contexts));
    EXPECT_FALSE(resumed(runtime, contexts));
  });
}

TEST_P(TlsResumptionTest, NotUnderAnotherNameOfTheServer) {
  run([&](Runtime& runtime) {
    const TlsEnds contexts = testContexts(runtime, client, server);
    EXPECT_FALSE(resumed(runtime, contexts));
    EXPECT_FALSE(resumed(runtime, contexts, "127.0.0.1"));
    EXPECT_TRUE(resumed(runtime, contexts));
    EXPECT_TRUE(resumed(runtime, contexts, "127.0.0.1"));
  });
}

TEST_P(TlsResumptionTest, NotWithAServerThatDoesNotKnowTheSession) {
  run([&](Runtime& runtime) {
    TlsEnds contexts = testContexts(runtime, client, server);
    EXPECT_FALSE(resumed(runtime, contexts));
    contexts.server = testContexts(runtime, client, server).server;  // restarted: other keys for its tickets
    EXPECT_FALSE(resumed(runtime, contexts));
    EXPECT_TRUE(resumed(runtime, contexts));
  });
}

TEST_P(TlsResumptionTest, TheServerUsedLongestAgoIsForgotten) {
  client.max_cached_sessions = 2;
  run([&](Runtime& runtime) {
    const TlsEnds contexts = testContexts(runtime, client, server);
    EXPECT_FALSE(resumed(runtime, contexts, "localhost"));
    EXPECT_FALSE(resumed(runtime, contexts, "127.0.0.1"));
    EXPECT_TRUE(resumed(runtime, contexts, "localhost"));
    EXPECT_FALSE(resumed(runtime, contexts, "::1"));  // in the place of 127.0.0.1
    EXPECT_TRUE(resumed(runtime, contexts, "localhost"));
    EXPECT_FALSE(resumed(runtime, contexts, "127.0.0.1"));
  });
}

TEST_P(TlsResumptionTest, ASessionOfTls13IsUsedOnce) {
  run([&](Runtime& runtime) {
    const TlsEnds contexts = testContexts(runtime, client, server);
    EXPECT_FALSE(resumed(runtime, contexts));
    const TlsPair first = connected(runtime, contexts, connectThroughPipe(runtime));
    EXPECT_TRUE(first.client.value()->session().resumed);
    const TlsPair second = connected(runtime, contexts, connectThroughPipe(runtime));
    EXPECT_EQ(second.client.value()->session().resumed, !isTls13());
  });
}

TEST_P(TlsResumptionTest, AHandshakeThatFailsForgetsTheSession) {
  run([&](Runtime& runtime) {
    const TlsEnds contexts = testContexts(runtime, client, server);
    EXPECT_FALSE(resumed(runtime, contexts));
    WatchedPair watches;
    watches.client.read_limit = 10;
    EXPECT_FALSE(
        handshake(runtime, contexts, watches.watched(connectThroughPipe(runtime))).client.has_value());
    EXPECT_FALSE(resumed(runtime, contexts));
    EXPECT_TRUE(resumed(runtime, contexts));
  });
}

}  // namespace
}  // namespace jitrig
