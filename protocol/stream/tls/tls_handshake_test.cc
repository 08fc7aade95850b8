// Who is let in, who is not, and why: each with its words.

#include <array>
#include <tuple>

#include "protocol/stream/tls/tls_test.h"

namespace jitrig {
namespace {

using testing::AnyOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

TlsClientOptions only(TlsClientOptions options, TlsVersion version) {
  options.oldest_version = version;
  options.newest_version = version;
  return options;
}

TlsIdentity testClientIdentity() {
  return testAuthority().issue({.subject = "a client"});
}

// ---- versions, keys, client certificates -----------------------------------------------------------------

using MatrixPoint = std::tuple<RuntimeUnderTest, TlsVersion, KeyType>;
class TlsHandshakeMatrixTest : public testing::TestWithParam<MatrixPoint> {
 protected:
  static TlsVersion version() { return std::get<1>(GetParam()); }
  static TlsServerOptions serverOptions() {
    CertificateRequest certificate = localhostCertificate();
    certificate.key = std::get<2>(GetParam());
    TlsServerOptions options;
    options.identity = testAuthority().issue(certificate);
    return options;
  }
  static TlsServerOptions askingServerOptions(bool require) {
    TlsServerOptions options = serverOptions();
    options.client_root_certificates = testAuthority().certificate();
    options.require_client_certificate = require;
    return options;
  }
  /// A handshake that goes well, and a message each way.
  static void converse(const TlsClientOptions& client, const TlsServerOptions& server,
                       const std::string& client_subject) {
    std::get<0>(GetParam()).run([&](Runtime& runtime) {
      TlsPair tls = connected(runtime, testContexts(runtime, client, server), connectThroughPort(runtime));
      EXPECT_EQ(tls.clientStream().session().version, version());
      EXPECT_EQ(tls.serverStream().session().version, version());
      EXPECT_EQ(tls.clientStream().session().cipher, tls.serverStream().session().cipher);
      EXPECT_EQ(tls.clientStream().session().peer_subject, "CN=localhost");
      EXPECT_EQ(tls.serverStream().session().peer_subject, client_subject);
      writeText(runtime, tls.clientStream(), "question");
      EXPECT_EQ(readText(runtime, tls.serverStream(), 8), "question");
      writeText(runtime, tls.serverStream(), "answer");
      EXPECT_EQ(readText(runtime, tls.clientStream(), 6), "answer");
    });
  }
};

TEST_P(TlsHandshakeMatrixTest, WithoutAClientCertificate) {
  converse(only(testClientOptions(), version()), serverOptions(), "");
  converse(only(testClientOptions(), version()), askingServerOptions(false), "");
}

TEST_P(TlsHandshakeMatrixTest, WithAClientCertificate) {
  TlsClientOptions client = only(testClientOptions(), version());
  client.identity = testClientIdentity();
  converse(client, serverOptions(), "");  // nobody asked for it
  converse(client, askingServerOptions(false), "CN=a client");
  converse(client, askingServerOptions(true), "CN=a client");
}

TEST_P(TlsHandshakeMatrixTest, WithAnIntermediateAuthority) {
  CertificateRequest certificate = localhostCertificate();
  certificate.key = std::get<2>(GetParam());
  TlsServerOptions server;
  server.identity = testAuthority().issueAuthority("between").issue(certificate);
  converse(only(testClientOptions(), version()), server, "");
}

std::string nameOfMatrixPoint(const testing::TestParamInfo<MatrixPoint>& info) {
  static constexpr std::array kKeys{"ec_p256", "ed25519", "rsa_2048"};
  return std::get<0>(info.param).name +
         (std::get<1>(info.param) == TlsVersion::tls1_2 ? "_tls1_2_" : "_tls1_3_") +
         kKeys.at(static_cast<std::size_t>(std::get<2>(info.param)));
}
INSTANTIATE_TEST_SUITE_P(, TlsHandshakeMatrixTest,
                         testing::Combine(testing::ValuesIn(allRuntimes()),
                                          testing::Values(TlsVersion::tls1_2, TlsVersion::tls1_3),
                                          testing::Values(KeyType::ec_p256, KeyType::ed25519,
                                                          KeyType::rsa_2048)),
                         nameOfMatrixPoint);

// ---- refusals --------------------------------------------------------------------------------------------

class TlsRefusalTest : public TlsTest {
 protected:
  /// A handshake that the client breaks off. Its words come after the names of both ends.
  void expectClientRefuses(const TlsClientOptions& client, const TlsServerOptions& server,
                           const std::string& server_name, const std::string& client_words,
                           const std::string& server_words) {
    for (const TlsVersion version : {TlsVersion::tls1_2, TlsVersion::tls1_3}) {
      run([&](Runtime& runtime) {
        const TlsPair tls = handshake(runtime, testContexts(runtime, only(client, version), server),
                                      connectThroughPort(runtime), server_name);
        EXPECT_THAT(textOf(tls.client), StartsWith("tls: TLS handshake 127.0.0.1:"));
        EXPECT_THAT(textOf(tls.client), EndsWith(": " + client_words));
        EXPECT_THAT(textOf(tls.server), StartsWith("tls: TLS handshake 127.0.0.1:"));
        EXPECT_THAT(textOf(tls.server), EndsWith(": " + server_words));
      });
    }
  }
  void expectCertificateRefused(const TlsIdentity& identity, const std::string& why,
                                const std::string& server_words,
                                const std::string& server_name = "localhost") {
    TlsServerOptions server;
    server.identity = identity;
    expectClientRefuses(testClientOptions(), server, server_name, "certificate verify failed: " + why,
                        "the peer refused with alert " + server_words);
  }

  /// The server's refusal of a client's certificate. In TLS 1.3 the client learns of it at its first read.
  void expectServerRefuses(const TlsClientOptions& client, const TlsServerOptions& server,
                           const std::string& server_words, const std::string& client_words_1_2,
                           const std::string& client_words_1_3) {
    run([&](Runtime& runtime) {
      const TlsPair tls = handshake(runtime, testContexts(runtime, only(client, TlsVersion::tls1_2), server),
                                    connectThroughPort(runtime));
      EXPECT_THAT(textOf(tls.server), EndsWith(": " + server_words));
      EXPECT_THAT(textOf(tls.client), StartsWith("tls: TLS handshake "));
      EXPECT_THAT(textOf(tls.client), EndsWith(": " + client_words_1_2));
    });
    run([&](Runtime& runtime) {
      const TlsEnds contexts = testContexts(runtime, only(client, TlsVersion::tls1_3), server);
      StreamPair pair = connectThroughPort(runtime);
      TlsResult accepted = std::unexpected(NetError{});
      const auto task = runtime.spawn("server", [&] {
        accepted = TlsByteStream::accept(runtime, contexts.server, std::move(pair.server), patience(runtime));
      });
      const TlsResult connected = TlsByteStream::connect(runtime, contexts.client, std::move(pair.client),
                                                         "localhost", patience(runtime));
      ASSERT_EQ(textOf(connected), "connected");
      const NetError error = readError(**connected, patience(runtime));
      EXPECT_EQ(error.code, NetErrc::tls);
      EXPECT_THAT(error.detail, StartsWith("TLS read 127.0.0.1:"));
      EXPECT_THAT(error.detail, EndsWith(": " + client_words_1_3));
      EXPECT_EQ(readError(**connected, patience(runtime)).detail, error.detail) << "every time";
      valueOrThrow((*connected)->closeWrite());
      task->join();
      EXPECT_THAT(textOf(accepted), EndsWith(": " + server_words));
    });
  }
};
JITRIG_TLS_IN_EVERY_RUNTIME(TlsRefusalTest);

TEST_P(TlsRefusalTest, OfAServerWhoseAuthorityIsUnknown) {
  const CertificateAuthority other("another authority");
  expectCertificateRefused(other.issue(localhostCertificate()),
                           "unable to get local issuer certificate (CN=localhost)", "48, unknown CA");
}

TEST_P(TlsRefusalTest, OfASelfSignedServer) {
  expectCertificateRefused(selfSignedIdentity(localhostCertificate()),
                           "self-signed certificate (CN=localhost)", "48, unknown CA");
}

TEST_P(TlsRefusalTest, OfAnExpiredServer) {
  expectCertificateRefused(testAuthority().issue(expiredCertificate()),
                           "certificate has expired (CN=localhost)", "45, certificate expired");
}

TEST_P(TlsRefusalTest, OfAServerThatIsNotYetValid) {
  expectCertificateRefused(testAuthority().issue(notYetValidCertificate()),
                           "certificate is not yet valid (CN=localhost)", "42, bad certificate");
}

TEST_P(TlsRefusalTest, OfAnotherHostName) {
  expectCertificateRefused(testServerIdentity(),
                           "hostname mismatch (CN=localhost), connected to elsewhere.example",
                           "42, bad certificate", "elsewhere.example");
}

TEST_P(TlsRefusalTest, OfAnotherAddress) {
  expectCertificateRefused(testServerIdentity(), "IP address mismatch (CN=localhost), connected to 127.0.0.2",
                           "42, bad certificate", "127.0.0.2");
}

TEST_P(TlsRefusalTest, OfAnAddressWrittenAsAName) {
  expectCertificateRefused(testAuthority().issue({.subject = "127.0.0.1", .names = {"127.0.0.1"}}),
                           "IP address mismatch (CN=127.0.0.1), connected to 127.0.0.1",
                           "42, bad certificate", "127.0.0.1");
}

TEST_P(TlsRefusalTest, OfAClientWithoutTheCertificateRequired) {
  TlsServerOptions server = testServerOptions();
  server.client_root_certificates = testAuthority().certificate();
  server.require_client_certificate = true;
  expectServerRefuses(testClientOptions(), server, "peer did not return a certificate",
                      "the peer refused with alert 40, handshake failure",
                      "the peer refused with alert 116, certificate required");
}

TEST_P(TlsRefusalTest, OfAClientWhoseAuthorityIsUnknown) {
  TlsServerOptions server = testServerOptions();
  server.client_root_certificates = testAuthority().certificate();
  TlsClientOptions client = testClientOptions();
  client.identity = CertificateAuthority("another authority").issue({.subject = "a client"});
  expectServerRefuses(
      client, server, "certificate verify failed: unable to get local issuer certificate (CN=a client)",
      "the peer refused with alert 48, unknown CA", "the peer refused with alert 48, unknown CA");
}

TEST_P(TlsRefusalTest, OfAnExpiredClient) {
  TlsServerOptions server = testServerOptions();
  server.client_root_certificates = testAuthority().certificate();
  TlsClientOptions client = testClientOptions();
  client.identity = testAuthority().issue(expiredCertificate());
  expectServerRefuses(client, server, "certificate verify failed: certificate has expired (CN=localhost)",
                      "the peer refused with alert 45, certificate expired",
                      "the peer refused with alert 45, certificate expired");
}

TEST_P(TlsRefusalTest, OfAnotherVersion) {
  run([](Runtime& runtime) {
    TlsServerOptions server = testServerOptions();
    server.newest_version = TlsVersion::tls1_2;
    const TlsPair tls =
        handshake(runtime, testContexts(runtime, only(testClientOptions(), TlsVersion::tls1_3), server),
                  connectThroughPort(runtime));
    EXPECT_THAT(textOf(tls.server), EndsWith(": unsupported protocol"));
    EXPECT_THAT(textOf(tls.client), EndsWith(": the peer refused with alert 70, protocol version"));
  });
}

// ---- host names ------------------------------------------------------------------------------------------

class TlsHostNameTest : public TlsTest {};
JITRIG_TLS_IN_EVERY_RUNTIME(TlsHostNameTest);

TEST_P(TlsHostNameTest, NamesAndAddressesOfTheCertificateAreAccepted) {
  run([](Runtime& runtime) {
    for (const char* name : {"localhost", "LOCALHOST", "127.0.0.1", "::1"}) {
      const TlsPair tls = handshake(runtime, testContexts(runtime), connectThroughPort(runtime), name);
      EXPECT_EQ(textOf(tls.client), "connected") << name;
    }
  });
}

TEST_P(TlsHostNameTest, IsNotComparedIfTheCheckIsOff) {
  run([](Runtime& runtime) {
    TlsClientOptions client = testClientOptions();
    client.check_host_name = false;
    for (const char* name : {"elsewhere.example", "127.0.0.2", ""}) {
      const TlsPair tls =
          handshake(runtime, testContexts(runtime, client), connectThroughPort(runtime), name);
      EXPECT_EQ(textOf(tls.client), "connected") << name;
    }
  });
}

TEST_P(TlsHostNameTest, TheCertificateIsVerifiedEvenIfTheCheckIsOff) {
  run([](Runtime& runtime) {
    TlsClientOptions client = testClientOptions();
    client.check_host_name = false;
    TlsServerOptions server;
    server.identity = selfSignedIdentity(localhostCertificate());
    const TlsPair tls =
        handshake(runtime, testContexts(runtime, client, server), connectThroughPort(runtime));
    EXPECT_THAT(textOf(tls.client),
                EndsWith("certificate verify failed: self-signed certificate (CN=localhost)"));
  });
}

TEST_P(TlsHostNameTest, ASelfSignedCertificateMayBeTrusted) {
  run([](Runtime& runtime) {
    TlsServerOptions server;
    server.identity = selfSignedIdentity(localhostCertificate());
    TlsClientOptions client;
    client.root_certificates = server.identity.certificate_chain;
    const TlsPair tls =
        handshake(runtime, testContexts(runtime, client, server), connectThroughPort(runtime));
    EXPECT_EQ(textOf(tls.client), "connected");
  });
}

TEST_P(TlsHostNameTest, NamesThatCannotBeOnesAreRefusedBeforeAByteIsSent) {
  run([](Runtime& runtime) {
    const TlsEnds contexts = testContexts(runtime);
    const auto refusal = [&](const std::string& name) {
      return textOf(TlsByteStream::connect(runtime, contexts.client, connectThroughPipe(runtime).client, name,
                                           patience(runtime)));
    };
    EXPECT_EQ(
        refusal(""),
        "tls: TLS with pipe#1/b: the server's name \"\" has to be known to be compared with its certificate");
    EXPECT_THAT(refusal(std::string("a\0b", 3)), EndsWith("has a byte 0 inside"));
    EXPECT_THAT(refusal(std::string(300, 'a')), HasSubstr("cannot be sent: ssl3 ext invalid servername"));
  });
}

TEST_P(TlsHostNameTest, TheTimeOfVerificationMayBeFixed) {
  run([](Runtime& runtime) {
    TlsServerOptions server;
    server.identity = testAuthority().issue(expiredCertificate());
    TlsClientOptions client = testClientOptions();
    client.verification_time_s = kCertificatesValidFromSeconds + 1;
    TlsPair tls = handshake(runtime, testContexts(runtime, client, server), connectThroughPort(runtime));
    EXPECT_EQ(textOf(tls.client), "connected");
    client.verification_time_s = kCertificatesValidFromSeconds - 1;
    tls = handshake(runtime, testContexts(runtime, client, server), connectThroughPort(runtime));
    EXPECT_THAT(textOf(tls.client), HasSubstr("certificate is not yet valid"));
  });
}

// ---- peers that do not speak TLS -------------------------------------------------------------------------

class TlsWithoutTlsTest : public TlsTest {};
JITRIG_TLS_IN_EVERY_RUNTIME(TlsWithoutTlsTest);

TEST_P(TlsWithoutTlsTest, APlainClientAtATlsServer) {
  run([](Runtime& runtime) {
    StreamPair pair = connectThroughPort(runtime);
    const auto client = runtime.spawn("plain client", [&] {
      const std::unique_ptr<ByteStream> stream = std::move(pair.client);
      const std::array<unsigned char, 12> message{0x1c, 0, 0, 0, 0xab, 0, 1, 0, 0, 0, 0, 0};
      valueOrThrow(writeAll(*stream, std::as_bytes(std::span(message)), patience(runtime)));
      EXPECT_EQ(readError(*stream, patience(runtime)).code, NetErrc::endOfFile)
          << "it would take an alert for a message";
    });
    const TlsResult server = TlsByteStream::accept(runtime, testContexts(runtime).server,
                                                   std::move(pair.server), patience(runtime));
    client->join();
    EXPECT_THAT(textOf(server), StartsWith("tls: TLS handshake 127.0.0.1:"));
    EXPECT_THAT(textOf(server),
                EndsWith(": this is not TLS: the peer's first byte is 0x1c, where a handshake begins "
                         "with 0x16; is the peer set up without TLS?"));
  });
}

TEST_P(TlsWithoutTlsTest, AHealthProbeAtATlsServer) {
  run([](Runtime& runtime) {
    StreamPair pair = connectThroughPort(runtime);
    pair.client.reset();
    const TlsResult server = TlsByteStream::accept(runtime, testContexts(runtime).server,
                                                   std::move(pair.server), patience(runtime));
    EXPECT_THAT(textOf(server), StartsWith("endOfFile: TLS handshake 127.0.0.1:"));
    EXPECT_THAT(textOf(server), EndsWith(": the peer closed the connection after 0 bytes of its handshake"));
  });
}

/// What a TLS client makes of a server that is `plain`.
std::string resultAt(Runtime& runtime, const std::function<void(ByteStream&)>& plain, Instant deadline) {
  StreamPair pair = connectThroughPort(runtime);
  const auto server = runtime.spawn("plain server", [&] {
    const std::unique_ptr<ByteStream> stream = std::move(pair.server);
    plain(*stream);
  });
  return textOf(TlsByteStream::connect(runtime, testContexts(runtime).client, std::move(pair.client),
                                       "localhost", deadline));
}

TEST_P(TlsWithoutTlsTest, ATlsClientAtAPlainServerThatCloses) {
  run([](Runtime& runtime) {
    const std::string result =
        resultAt(runtime, [&](ByteStream& stream) { readExactly(runtime, stream, 200); }, patience(runtime));
    EXPECT_THAT(result,
                AnyOf(AllOf(StartsWith("endOfFile: TLS handshake 127.0.0.1:"),
                            EndsWith(": the peer closed the connection after 0 bytes of its handshake")),
                      StartsWith("reset: TLS handshake ")));  // its unread bytes make it one
  });
}

TEST_P(TlsWithoutTlsTest, ATlsClientAtAPlainServerThatAnswers) {
  run([](Runtime& runtime) {
    const auto answer = [&](ByteStream& stream) {
      std::array<std::byte, 1000> buffer{};
      valueOrThrow(stream.readSome(buffer, patience(runtime)));
      writeText(runtime, stream, "HTTP/1.1 400 Bad Request\r\n\r\n");
      while (stream.readSome(buffer, patience(runtime))) {
      }
    };
    EXPECT_THAT(resultAt(runtime, answer, patience(runtime)),
                EndsWith(": this is not TLS: the peer's first byte is 0x48, where a handshake begins with "
                         "0x16; is the peer set up without TLS?"));
  });
}

TEST_P(TlsWithoutTlsTest, ATlsClientAtAServerThatEchoes) {
  run([](Runtime& runtime) {
    const std::string result = resultAt(
        runtime,
        [&](ByteStream& stream) {
          std::array<std::byte, 1000> buffer{};
          while (const auto size = stream.readSome(buffer, patience(runtime))) {
            if (!writeAll(stream, std::span(buffer).first(*size), patience(runtime))) break;
          }
        },
        patience(runtime));
    EXPECT_THAT(result, StartsWith("tls: TLS handshake "));
    EXPECT_THAT(result, EndsWith(": unexpected message"));
  });
}

TEST_P(TlsWithoutTlsTest, ASilentPeerIsGivenUpAtTheDeadline) {
  run([](Runtime& runtime) {
    StreamPair pair = connectThroughPort(runtime);
    const TlsEnds contexts = testContexts(runtime);
    const Instant deadline = runtime.now() + milliseconds(20);
    const TlsResult server =
        TlsByteStream::accept(runtime, contexts.server, std::move(pair.server), deadline);
    EXPECT_GE(runtime.now(), deadline);
    EXPECT_THAT(textOf(server), StartsWith("timedOut: TLS handshake "));
    EXPECT_THAT(textOf(server), EndsWith(": the deadline passed after 0 bytes of the peer's handshake"));

    pair = connectThroughPort(runtime);
    const TlsResult client =
        TlsByteStream::connect(runtime, contexts.client, std::move(pair.client), "localhost", deadline);
    EXPECT_THAT(textOf(client), StartsWith("timedOut: TLS handshake "));
    EXPECT_THAT(textOf(client), EndsWith(": the deadline passed after 0 bytes of the peer's handshake"));
  });
}

/// A peer whose next byte is always there, a millisecond after the last one: such a read goes before its
/// deadline.
class TricklingStream final : public ByteStreamDecorator {
 public:
  TricklingStream(Runtime& runtime, std::unique_ptr<ByteStream> stream)
      : ByteStreamDecorator(std::move(stream)), runtime_(runtime) {}
  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant /*deadline*/) override {
    runtime_.sleepUntil(runtime_.now() + milliseconds(1));
    constexpr std::array<std::byte, 5> kHeader{std::byte{22}, std::byte{3}, std::byte{1}, std::byte{0x40}};
    buffer[0] = given_ < kHeader.size() ? kHeader.at(given_) : std::byte{1};
    ++given_;
    return 1;
  }

 private:
  Runtime& runtime_;
  std::size_t given_ = 0;
};

TEST_P(TlsWithoutTlsTest, APeerThatTricklesItsHandshakeIsGivenUpAtTheDeadline) {
  run([](Runtime& runtime) {
    auto trickling = std::make_unique<TricklingStream>(runtime, connectThroughPipe(runtime).server);
    const Instant deadline = runtime.now() + milliseconds(20);
    const TlsResult server =
        TlsByteStream::accept(runtime, testContexts(runtime).server, std::move(trickling), deadline);
    EXPECT_THAT(textOf(server),
                StartsWith("timedOut: TLS handshake pipe#1/b -> pipe#1/a: the deadline passed after "));
  });
}

TEST_P(TlsWithoutTlsTest, TheWrongContextIsNamed) {
  run([](Runtime& runtime) {
    const TlsEnds contexts = testContexts(runtime);
    EXPECT_EQ(textOf(TlsByteStream::connect(runtime, contexts.server, connectThroughPipe(runtime).client,
                                            "localhost", patience(runtime))),
              "tls: TLS: a server's context cannot connect");
    EXPECT_EQ(textOf(TlsByteStream::accept(runtime, contexts.client, connectThroughPipe(runtime).server,
                                           patience(runtime))),
              "tls: TLS: a client's context cannot accept");
  });
}

/// Somebody else's stream: cancel() must not meet its destruction, which a handshake that fails causes.
class LentStream final : public ByteStream {
 public:
  explicit LentStream(ByteStream& stream) : stream_(stream) {}
  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    return stream_.readSome(buffer, deadline);
  }
  NetResult<std::size_t> writeSome(std::span<const std::byte> bytes, Instant deadline) override {
    return stream_.writeSome(bytes, deadline);
  }
  NetResult<void> closeWrite() override { return stream_.closeWrite(); }
  void reset() override { stream_.reset(); }
  void cancel() override { stream_.cancel(); }
  std::size_t buffered() const override { return stream_.buffered(); }
  Waitable& waitable() override { return stream_.waitable(); }
  std::string localName() const override { return stream_.localName(); }
  std::string peerName() const override { return stream_.peerName(); }

 private:
  ByteStream& stream_;
};

TEST_P(TlsWithoutTlsTest, CancelEndsAHandshake) {
  run([](Runtime& runtime) {
    for (const bool client_waits : {false, true}) {
      const StreamPair pair = connectThroughPort(runtime);
      const TlsEnds contexts = testContexts(runtime);
      ByteStream& inner = client_waits ? *pair.client : *pair.server;
      const auto canceller = runtime.spawn("canceller", [&] {
        runtime.sleepUntil(runtime.now() + milliseconds(2));
        inner.cancel();
      });
      auto lent = std::make_unique<LentStream>(inner);
      const TlsResult result =
          client_waits ? TlsByteStream::connect(runtime, contexts.client, std::move(lent), "localhost",
                                                patience(runtime))
                       : TlsByteStream::accept(runtime, contexts.server, std::move(lent), patience(runtime));
      EXPECT_THAT(textOf(result), StartsWith("cancelled: TLS handshake "));
      canceller->join();
    }
  });
}

}  // namespace
}  // namespace jitrig
