// Connections that are cut or damaged at every byte: each end of it is a clear error.

#include "protocol/stream/tls/tls_test.h"

namespace jitrig {
namespace {

using testing::AnyOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

/// Ed25519's signatures have one size, so that handshakes have, too.
const TlsIdentity& identityOfOneSize() {
  static const TlsIdentity identity = [] {
    CertificateRequest certificate = localhostCertificate();
    certificate.key = KeyType::ed25519;
    return testAuthority().issue(certificate);
  }();
  return identity;
}

TlsEnds contextsOf(Runtime& runtime, TlsVersion version) {
  TlsClientOptions client = testClientOptions();
  client.newest_version = version;
  TlsServerOptions server;
  server.identity = identityOfOneSize();
  server.newest_version = version;
  return testContexts(runtime, client, server);
}

class TlsCutTest : public testing::TestWithParam<std::tuple<RuntimeUnderTest, TlsVersion>> {
 protected:
  static TlsVersion version() { return std::get<1>(GetParam()); }
  static void run(const std::function<void(Runtime&)>& body) { std::get<0>(GetParam()).run(body); }

  /// Cuts what one side reads in a handshake: after no byte, after one, and so on.
  static void cutHandshake(Watch WatchedPair::* cut_side, TlsResult TlsPair::* cut_result,
                           TlsResult TlsPair::* other_result) {
    run([&](Runtime& runtime) {
      const TlsEnds contexts = contextsOf(runtime, version());
      WatchedPair whole;
      connected(runtime, contexts, whole.watched(connectThroughPipe(runtime)));
      const std::size_t size = (whole.*cut_side).bytes_read;
      ASSERT_GT(size, 100U);

      for (std::size_t limit = 0; limit < size; ++limit) {
        WatchedPair watches;
        (watches.*cut_side).read_limit = limit;
        const TlsPair tls = handshake(runtime, contexts, watches.watched(connectThroughPipe(runtime)));
        ASSERT_THAT(textOf(tls.*cut_result),
                    AllOf(StartsWith("endOfFile: TLS handshake pipe#1/"),
                          EndsWith(": the peer closed the connection after " + std::to_string(limit) +
                                   " bytes of its handshake")));
        ASSERT_THAT(textOf(tls.*other_result),
                    AnyOf("connected", StartsWith("endOfFile: TLS handshake pipe#1/"),
                          StartsWith("reset: TLS handshake pipe#1/")))
            << "cut after " << limit << " bytes";
      }
      WatchedPair watches;
      (watches.*cut_side).read_limit = size;
      connected(runtime, contexts, watches.watched(connectThroughPipe(runtime)));
    });
  }

  /// A conversation whose next record, a hundred bytes from the server, the client reads under a changed
  /// watch. Returns what became of the read.
  static NetResult<std::string> readRecord(Runtime& runtime, const TlsEnds& contexts,
                                           const std::function<void(Watch&)>& change) {
    WatchedPair watches;
    TlsPair tls = connected(runtime, contexts, watches.watched(connectThroughPipe(runtime)));
    const auto server = runtime.spawn("server", [&] {
      writeText(runtime, tls.serverStream(), "first");  // behind the tickets
      static_cast<void>(writeAll(tls.serverStream(), std::as_bytes(std::span(kRecord)), patience(runtime)));
      // The end, or a reader would wait for the rest of a damaged record; without close_notify in its place.
      tls.serverStream().cancel();
      tls.server = std::unexpected(NetError{});
    });
    EXPECT_EQ(readText(runtime, tls.clientStream(), 5), "first");
    change(watches.client);
    std::string text(200, '\0');
    auto read = tls.clientStream().readSome(std::as_writable_bytes(std::span(text)), patience(runtime));
    tls.client = std::unexpected(NetError{});
    server->join();
    if (!read) return std::unexpected(read.error());
    text.resize(*read);
    return text;
  }

  static constexpr std::array<char, 100> kRecord{'r'};
};

std::size_t recordSize(TlsVersion version) {
  // Header, explicit nonce or type, tag.
  return version == TlsVersion::tls1_2 ? 5 + 8 + 100 + 16 : 5 + 100 + 1 + 16;
}

TEST_P(TlsCutTest, AHandshakeCutOnItsWayToTheClient) {
  cutHandshake(&WatchedPair::client, &TlsPair::client, &TlsPair::server);
}

TEST_P(TlsCutTest, AHandshakeCutOnItsWayToTheServer) {
  cutHandshake(&WatchedPair::server, &TlsPair::server, &TlsPair::client);
}

TEST_P(TlsCutTest, ARecordCutAtEveryByte) {
  run([](Runtime& runtime) {
    const TlsEnds contexts = contextsOf(runtime, version());
    const std::size_t size = recordSize(version());
    for (std::size_t limit = 0; limit <= size; ++limit) {
      const auto read = readRecord(runtime, contexts, [&](Watch& watch) { watch.read_limit = limit; });
      if (limit == size) {
        EXPECT_EQ(read.value(), std::string(kRecord.data(), kRecord.size()));
        continue;
      }
      ASSERT_FALSE(read.has_value());
      EXPECT_EQ(read.error().code, NetErrc::endOfFile);
      EXPECT_THAT(read.error().detail,
                  AllOf(StartsWith("TLS read pipe#1/a -> pipe#1/b: "),
                        EndsWith(limit == 0 ? ": the peer closed the connection without TLS's close_notify"
                                            : ": the peer closed the connection inside a TLS record")))
          << limit;
    }
  });
}

TEST_P(TlsCutTest, ARecordDamagedAtEveryByte) {
  run([](Runtime& runtime) {
    const TlsEnds contexts = contextsOf(runtime, version());
    for (std::size_t place = 0; place < recordSize(version()); ++place) {
      const auto read = readRecord(runtime, contexts, [&](Watch& watch) { watch.flip_at = place; });
      ASSERT_FALSE(read.has_value()) << place;
      std::string expected = version() == TlsVersion::tls1_2
                                 ? "cipher operation failed; decryption failed or bad record mac"
                                 : "decryption failed or bad record mac";
      NetErrc code = NetErrc::tls;
      switch (place) {
        case 0: expected = version() == TlsVersion::tls1_3 ? "bad record type" : expected; break;
        case 1:
        case 2: expected = "wrong version number"; break;
        case 3:  // 256 bytes longer than it is
        case 4:  // in TLS 1.2 a byte longer, in TLS 1.3 one shorter
          if (place == 4 && version() == TlsVersion::tls1_3) break;
          code = NetErrc::endOfFile;
          expected = "the peer closed the connection inside a TLS record";
          break;
        default: break;
      }
      EXPECT_EQ(read.error().code, code) << place;
      EXPECT_THAT(read.error().detail, EndsWith(": " + expected)) << place;
    }
  });
}

/// Two are enough here: what differs between the seeds is not touched.
std::vector<RuntimeUnderTest> oneOfEachHouse() {
  std::vector<RuntimeUnderTest> runtimes = allRuntimes();
  runtimes.resize(2);
  return runtimes;
}

INSTANTIATE_TEST_SUITE_P(, TlsCutTest,
                         testing::Combine(testing::ValuesIn(oneOfEachHouse()),
                                          testing::Values(TlsVersion::tls1_2, TlsVersion::tls1_3)),
                         [](const auto& place) {
                           return std::get<0>(place.param).name +
                                  (std::get<1>(place.param) == TlsVersion::tls1_2 ? "_tls1_2" : "_tls1_3");
                         });

class TlsAlertTest : public TlsTest {};
JITRIG_TLS_IN_EVERY_RUNTIME(TlsAlertTest);

TEST_P(TlsAlertTest, APeerLearnsThatItsRecordWasDamaged) {
  run([](Runtime& runtime) {
    WatchedPair watches;
    TlsPair tls = connected(runtime, testContexts(runtime), watches.watched(connectThroughPort(runtime)));
    watches.server.flip_at = 20;
    writeText(runtime, tls.clientStream(), "a message that does not arrive");
    const NetError error = readError(tls.serverStream(), patience(runtime));
    EXPECT_THAT(error.detail, EndsWith(": decryption failed or bad record mac"));
    const auto written = tls.serverStream().writeSome(std::as_bytes(std::span("x")), patience(runtime));
    ASSERT_FALSE(written.has_value());
    EXPECT_THAT(written.error().detail, HasSubstr("TLS failed before"));
    const NetError learned = readError(tls.clientStream(), patience(runtime));
    EXPECT_EQ(learned.code, NetErrc::tls);
    EXPECT_THAT(learned.detail, EndsWith(": the peer refused with alert 20, bad record mac"));
  });
}

}  // namespace
}  // namespace jitrig
