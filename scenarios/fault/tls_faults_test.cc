// What happens below TLS, and what both sides' TLS says about it. In the simulation: everything here has to
// do with time. The same over loopback where it has not.

#include <algorithm>
#include <functional>

#include "protocol/stream/certificates/localhost_tls_test_support.h"
#include "protocol/stream/tls/tls_byte_stream.h"
#include "scenarios/fault/fault_test_support.h"

namespace jitrig::test {
namespace {

using ::testing::HasSubstr;

struct Side {
  std::optional<NetError> handshake;  ///< why it failed
  Received received;
};

struct TlsOutcome {
  Side client;
  Side server;
  std::vector<FaultFiring> firings;
};

/// Both shake hands, send each other a few messages, and close; the faults are below the TLS of one of them.
TlsOutcome talk(Runtime& runtime, const FaultSpec& spec, Direction local, Duration patience_time) {
  const auto faults = makeFaults(runtime, {spec});
  static const CertificateAuthority kOther("another one");
  faults->setImpostor(testServerTls(runtime, kOther.issue(localhostCertificate())));
  Ends ends = connectEnds(runtime);
  auto& faulted = local == Direction::client ? ends.client : ends.server;
  faulted = faults->decorateTransport(std::move(faulted), local);
  const Instant deadline = runtime.now() + patience_time;
  TlsOutcome outcome;
  const auto play = [&](Side& side, NetResult<std::unique_ptr<TlsByteStream>> secured) {
    if (!secured) {
      side.handshake = secured.error();
      return;
    }
    for (int i = 0; i < 3; ++i) {
      if (!writeAll(**secured, messageOf(100, 50), deadline)) break;
    }
    static_cast<void>((*secured)->closeWrite());
    side.received = receiveAll(runtime, **secured, deadline);
  };
  const auto server = runtime.spawn("server", [&] {
    play(outcome.server,
         TlsByteStream::accept(runtime, testServerTls(runtime), std::move(ends.server), deadline));
  });
  play(outcome.client, TlsByteStream::connect(runtime, testClientTls(runtime), std::move(ends.client),
                                              "localhost", deadline));
  server->join();
  outcome.firings = faults->firings();
  return outcome;
}

class TlsFaultsTest : public ::testing::TestWithParam<RuntimeUnderTest> {};
INSTANTIATE_TEST_SUITE_P(, TlsFaultsTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

TEST_P(TlsFaultsTest, WhatIsDamagedBelowTlsIsNoticedAboveIt) {
  GetParam().run([](Runtime& runtime) {
    for (const std::string action :
         {"tls_alert", "tls_close", "tls_corrupt_record", "tls_duplicate_record", "tls_garbage"}) {
      for (const std::uint64_t record : {1U, 2U, 3U}) {
        for (const Direction local : {Direction::client, Direction::server}) {
          FaultSpec spec = faultOf(action);
          spec.trigger.direction = Direction::client;
          spec.trigger.message = record;
          const TlsOutcome outcome = talk(runtime, spec, local, std::chrono::hours(1));
          const std::string what = action + " " + std::to_string(record);
          ASSERT_EQ(outcome.firings.size(), 1U) << what;
          EXPECT_EQ(outcome.firings[0].message, record);
          // Not everything came through, and whoever notices says that it is TLS, or an early end.
          const std::size_t whole = 3 * messageOf(100, 50).size();
          const bool is_whole = !outcome.server.handshake && outcome.server.received.bytes.size() == whole &&
                                outcome.server.received.error.code == NetErrc::endOfFile &&
                                !saysMore(outcome.server.received.error);
          // A second ChangeCipherSpec does not matter in TLS 1.3.
          if (!(action == "tls_duplicate_record" && record == 2)) {
            EXPECT_FALSE(is_whole) << what;
          }
        }
      }
    }
  });
}

TEST_P(TlsFaultsTest, AStallIsOnlyAStall) {
  GetParam().run([](Runtime& runtime) {
    for (const Direction sender : {Direction::client, Direction::server}) {
      FaultSpec spec = faultOf("tls_stall", FaultPlace::insideHeader, {{"duration_ms", "5"}});
      spec.trigger.direction = sender;
      const TlsOutcome outcome = talk(runtime, spec, Direction::client, std::chrono::hours(1));
      EXPECT_EQ(outcome.firings.size(), 1U);
      EXPECT_FALSE(outcome.client.handshake);
      EXPECT_FALSE(outcome.server.handshake);
      EXPECT_EQ(outcome.server.received.bytes.size(), 3 * messageOf(100, 50).size());
      EXPECT_EQ(outcome.client.received.bytes.size(), 3 * messageOf(100, 50).size());
    }
  });
}

TEST_P(TlsFaultsTest, TheEndWithoutCloseNotifyIsToldWithItsMark) {
  GetParam().run([](Runtime& runtime) {
    FaultSpec spec = faultOf("tls_close");
    spec.trigger.direction = Direction::client;
    spec.trigger.message = 4;
    const TlsOutcome outcome = talk(runtime, spec, Direction::server, std::chrono::hours(1));
    ASSERT_EQ(outcome.firings.size(), 1U);
    EXPECT_EQ(outcome.server.received.error.code, NetErrc::endOfFile);
    EXPECT_THAT(outcome.server.received.error.detail, HasSubstr("without TLS's close_notify"));
    EXPECT_TRUE(isInjected(outcome.server.received.error)) << outcome.server.received.error.detail;
  });
}

TEST_P(TlsFaultsTest, AWrongCertificateIsRefusedAndTheServerSeesNothing) {
  GetParam().run([](Runtime& runtime) {
    for (const Direction local : {Direction::client, Direction::server}) {
      const TlsOutcome outcome =
          talk(runtime, faultOf("tls_wrong_certificate"), local, std::chrono::hours(1));
      ASSERT_EQ(outcome.firings.size(), 1U);
      ASSERT_TRUE(outcome.client.handshake);
      EXPECT_EQ(outcome.client.handshake->code, NetErrc::tls);
      EXPECT_THAT(outcome.client.handshake->detail, HasSubstr("certificate"));
      EXPECT_TRUE(outcome.server.handshake);
    }
  });
}

TEST(TlsFaultsInTimeTest, RecordsThatAreLostOrStalledForLongMeanTimeouts) {
  for (const RuntimeUnderTest& house : allRuntimes()) {
    if (house.name == "operating_system") continue;
    house.run([](Runtime& runtime) {
      for (const std::string action : {"tls_drop_record", "tls_stall", "tls_reorder_records"}) {
        FaultSpec spec = faultOf(action);
        spec.trigger.direction = Direction::client;
        const TlsOutcome outcome = talk(runtime, spec, Direction::client, std::chrono::seconds(10));
        ASSERT_EQ(outcome.firings.size(), 1U) << action;
        if (action == "tls_reorder_records") {
          // Nothing follows the first record: it goes on after its time.
          EXPECT_FALSE(outcome.server.handshake) << action;
        } else {
          ASSERT_TRUE(outcome.client.handshake) << action;
          EXPECT_EQ(outcome.client.handshake->code, NetErrc::timedOut) << action;
        }
      }
    });
  }
}

}  // namespace
}  // namespace jitrig::test
