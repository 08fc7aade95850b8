#include "protocol/stream/client_stream.h"
#include "protocol/stream/conversation_test.h"
#include "protocol/stream/tls/tls_test.h"

namespace jitrig {
namespace {

using testing::AllOf;
using testing::HasSubstr;

using ClientStreamTlsTest = TlsTest;
JITRIG_TLS_IN_EVERY_RUNTIME(ClientStreamTlsTest);

/// A server for one connection, which does what it is told in a task of its own.
class OneConnectionServer {
 public:
  using Part = std::function<void(std::unique_ptr<ByteStream>)>;

  OneConnectionServer(Runtime& runtime, Part part)
      : acceptor_(valueOrThrow(runtime.listen({"127.0.0.1", 0}))),
        task_(runtime.spawn("server", [this, &runtime, part = std::move(part)] {
          part(std::make_unique<ConnectionByteStream>(valueOrThrow(acceptor_->accept(patience(runtime)))));
        })) {}

  Endpoint endpoint() const { return {"127.0.0.1", acceptor_->port()}; }
  void join() { task_->join(); }

 private:
  std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<Task> task_;
};

StreamFailure connectFailure(Runtime& runtime, const Endpoint& server, const TlsClientOptions& tls,
                             const StreamOptions& options = {}) {
  const auto context = valueOrThrow(TlsContext::makeClient(runtime, tls));
  return failureOf(StreamFailure::Cause::connect,
                   [&] { ClientStream::connect(runtime, server, headDialect(), options, context); });
}

/// Shakes hands, and waits for the client's end.
OneConnectionServer::Part tlsServer(Runtime& runtime, const TlsServerOptions& options) {
  return [&runtime, options](std::unique_ptr<ByteStream> bytes) {
    const auto context = valueOrThrow(TlsContext::makeServer(runtime, options));
    const auto stream = TlsByteStream::accept(runtime, context, std::move(bytes), patience(runtime));
    if (stream) readError(**stream, patience(runtime));
  };
}

TEST_P(ClientStreamTlsTest, ACompilationGoesOverTls) {
  run([](Runtime& runtime) {
    const TlsEnds contexts = testContexts(runtime);
    OneConnectionServer server(runtime, [&](std::unique_ptr<ByteStream> bytes) {
      ServerStream stream(
          runtime,
          valueOrThrow(TlsByteStream::accept(runtime, contexts.server, std::move(bytes), patience(runtime))),
          headDialect(), {});
      EXPECT_EQ(stream.readCompileRequest<std::uint64_t>(), std::tuple(std::uint64_t{7}));
      stream.writeError(33);
    });
    const auto stream = ClientStream::connect(runtime, server.endpoint(), headDialect(), {}, contexts.client);
    EXPECT_THAT(stream->name(), HasSubstr("-> " + toString(server.endpoint())));
    stream->buildCompileRequest(std::uint64_t{7});
    EXPECT_EQ(stream->read(), stream->dialect().compilation_failure);
    server.join();
  });
}

TEST_P(ClientStreamTlsTest, TheTimeoutBoundsTheHandshakeToo) {
  run([](Runtime& runtime) {
    OneConnectionServer server(runtime, [&](std::unique_ptr<ByteStream> bytes) {
      while (true) {  // reads, and never says anything
        std::byte byte{};
        if (!bytes->readSome(std::span(&byte, 1), patience(runtime))) return;
      }
    });
    const Instant begin = runtime.now();
    const auto failure =
        connectFailure(runtime, server.endpoint(), testClientOptions(), {.timeout_ms = 50, .limits = {}});
    EXPECT_GE(runtime.now() - begin, milliseconds(50));
    EXPECT_EQ(failure.netError(), NetErrc::timedOut);
    EXPECT_THAT(failure.what(), AllOf(HasSubstr("TLS handshake"), HasSubstr(toString(server.endpoint())),
                                      HasSubstr("the deadline passed after 0 bytes"),
                                      HasSubstr("(timedOut); a server without TLS does so")));
    server.join();
  });
}

TEST_P(ClientStreamTlsTest, AServerOfAnotherAuthorityIsNotTrusted) {
  run([](Runtime& runtime) {
    static const CertificateAuthority other("another authority");
    TlsServerOptions options;
    options.identity = other.issue(localhostCertificate());
    OneConnectionServer server(runtime, tlsServer(runtime, options));
    const auto failure = connectFailure(runtime, server.endpoint(), testClientOptions());
    EXPECT_EQ(failure.netError(), NetErrc::tls);
    EXPECT_THAT(failure.what(), HasSubstr("unable to get local issuer certificate"));
    server.join();
  });
}

TEST_P(ClientStreamTlsTest, AnExpiredCertificateIsNamed) {
  run([](Runtime& runtime) {
    TlsServerOptions options;
    options.identity = testAuthority().issue(expiredCertificate());
    OneConnectionServer server(runtime, tlsServer(runtime, options));
    const auto failure = connectFailure(runtime, server.endpoint(), testClientOptions());
    EXPECT_EQ(failure.netError(), NetErrc::tls);
    EXPECT_THAT(failure.what(), HasSubstr("certificate has expired"));
    server.join();
  });
}

TEST_P(ClientStreamTlsTest, TheHostThatWasConnectedToIsChecked) {
  run([](Runtime& runtime) {
    CertificateRequest certificate;
    certificate.names = {"jitserver.example"};
    TlsServerOptions options;
    options.identity = testAuthority().issue(certificate);
    {
      OneConnectionServer server(runtime, tlsServer(runtime, options));
      const auto failure = connectFailure(runtime, server.endpoint(), testClientOptions());
      EXPECT_EQ(failure.netError(), NetErrc::tls);
      EXPECT_THAT(failure.what(), AllOf(HasSubstr("IP address mismatch"), HasSubstr("127.0.0.1")));
      server.join();
    }
    OneConnectionServer server(runtime, tlsServer(runtime, options));
    TlsClientOptions lenient = testClientOptions();
    lenient.check_host_name = false;
    connectTo(runtime, server.endpoint(), {}, valueOrThrow(TlsContext::makeClient(runtime, lenient)));
    server.join();
  });
}

TEST_P(ClientStreamTlsTest, APlainServerIsNamed) {
  run([](Runtime& runtime) {
    for (const auto& [words, expected, code] :
         {std::tuple{"HTTP/1.1 400 Bad Request\r\n\r\n", "this is not TLS", NetErrc::tls},
          std::tuple{"", "after 0 bytes of its handshake (endOfFile); a server without TLS does so",
                     NetErrc::endOfFile}}) {
      OneConnectionServer server(runtime, [&](std::unique_ptr<ByteStream> bytes) {
        writeText(runtime, *bytes, words);
        EXPECT_TRUE(bytes->closeWrite());
        while (true) {
          std::byte byte{};
          if (!bytes->readSome(std::span(&byte, 1), patience(runtime))) return;
        }
      });
      const auto failure = connectFailure(runtime, server.endpoint(), testClientOptions());
      EXPECT_EQ(failure.netError(), code);
      EXPECT_THAT(failure.what(), AllOf(HasSubstr("TLS handshake"), HasSubstr(expected)));
      server.join();
    }
  });
}

TEST_P(ClientStreamTlsTest, WithoutAServerItIsRefusedAsEver) {
  run([](Runtime& runtime) {
    auto acceptor = valueOrThrow(runtime.listen({"127.0.0.1", 0}));
    const Endpoint nobody{"127.0.0.1", acceptor->port()};
    acceptor.reset();
    EXPECT_EQ(connectFailure(runtime, nobody, testClientOptions()).netError(), NetErrc::refused);
  });
}

/// A server that requires a certificate refuses after the client's handshake, in TLS 1.3: the client learns
/// of it when it reads.
TEST_P(ClientStreamTlsTest, AMissingClientCertificateIsNamed) {
  run([](Runtime& runtime) {
    TlsServerOptions options = testServerOptions();
    options.client_root_certificates = testAuthority().certificate();
    options.require_client_certificate = true;
    for (const TlsVersion version : {TlsVersion::tls1_2, TlsVersion::tls1_3}) {
      OneConnectionServer server(runtime, tlsServer(runtime, options));
      TlsClientOptions client = testClientOptions();
      client.newest_version = version;
      const auto context = valueOrThrow(TlsContext::makeClient(runtime, client));
      const auto failure = thrownBy<StreamFailure>([&] {
        const auto stream = ClientStream::connect(runtime, server.endpoint(), headDialect(), {}, context);
        stream->read();
      });
      EXPECT_EQ(failure.netError(), NetErrc::tls);
      EXPECT_EQ(failure.cause(), version == TlsVersion::tls1_2 ? StreamFailure::Cause::connect
                                                               : StreamFailure::Cause::network);
      EXPECT_THAT(failure.what(), HasSubstr("the peer refused with alert"));
      server.join();
    }
  });
}

}  // namespace
}  // namespace jitrig
