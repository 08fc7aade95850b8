#include <array>
#include <set>

#include "protocol/stream/byte_stream_decorator.h"
#include "scenarios/personas_test_support.h"

// What is of TLS alone when the personas meet. That everything else goes over it as well is seen in the other
// tests of this room, for which it is one more carrier.
namespace jitrig::test {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class TlsPersonasTest : public ::testing::TestWithParam<RuntimeUnderTest> {
 protected:
  void run(const std::function<void(Runtime&)>& body) { GetParam().run(body); }
};
INSTANTIATE_TEST_SUITE_P(, TlsPersonasTest, ::testing::ValuesIn(allRuntimes()), nameOfRuntime);

struct AnnouncedSession {
  std::string stream;
  TlsSessionInfo session;
};

class ServerSessions final : public FakeCompilerObserver {
 public:
  void onCompilation(const ServerCompilationReport&) override {}
  void onStreamEnd(const StreamEndReport&) override {}
  void onTlsSession(const std::string& stream, const TlsSessionInfo& session) override {
    sessions.push_back({stream, session});
  }
  std::vector<AnnouncedSession> sessions;
};

class ClientSessions final : public FakeVMObserver {
 public:
  void onCompilation(const CompilationReport&) override {}
  void onTlsSession(const std::string& stream, const TlsSessionInfo& session) override {
    sessions.push_back({stream, session});
  }
  std::vector<AnnouncedSession> sessions;
};

TEST_P(TlsPersonasTest, BothSidesTellWhatWasAgreed) {
  run([](Runtime& runtime) {
    Personas personas(runtime, Carrier::tls);
    ServerSessions server;
    ClientSessions client;
    auto compiler = FakeCompiler::make(runtime, personas.compiler_options, server);
    ASSERT_TRUE(compiler) << compiler.error().detail;
    EXPECT_TRUE((*compiler)->usesTls());
    (*compiler)->start();
    FakeVMOptions options = personas.vm_options;
    options.server.port = (*compiler)->port();
    options.connect = {};
    DefaultFrontend frontend(headDialect());
    EXPECT_EQ(FakeVM(runtime, options, frontend, client).run().compiled, 1U);
    (*compiler)->waitForGoodbyes(runtime.now() + kPatience);
    (*compiler)->stop();

    // One connection for the compilation, one for the goodbye, which takes up the session of the first.
    ASSERT_THAT(client.sessions, SizeIs(2));
    ASSERT_THAT(server.sessions, SizeIs(2));
    for (const std::size_t i : {0U, 1U}) {
      for (const AnnouncedSession& each : {client.sessions[i], server.sessions[i]}) {
        EXPECT_EQ(each.session.version, TlsVersion::tls1_3);
        EXPECT_THAT(each.session.cipher, HasSubstr("TLS_"));
        EXPECT_EQ(each.session.resumed, i == 1) << each.stream;
      }
      EXPECT_THAT(client.sessions[i].session.peer_subject, HasSubstr("CN=localhost"));
      EXPECT_THAT(server.sessions[i].session.peer_subject, IsEmpty());
      EXPECT_THAT(server.sessions[i].stream, HasSubstr("127.0.0.1:" + std::to_string(options.server.port)));
    }
  });
}

/// Below TLS: the n-th piece of what the server sends is lost with the connection, once.
class RawCut final : public ByteStreamDecorator {
 public:
  RawCut(std::unique_ptr<ByteStream> inner, std::size_t& reads_left)
      : ByteStreamDecorator(std::move(inner)), reads_left_(reads_left) {}

  NetResult<std::size_t> readSome(std::span<std::byte> buffer, Instant deadline) override {
    auto count = ByteStreamDecorator::readSome(buffer, deadline);
    if (!count || reads_left_ == 0 || --reads_left_ != 0) return count;
    reset();
    return std::unexpected(NetError{NetErrc::reset, "cut below TLS"});
  }

 private:
  std::size_t& reads_left_;
};

TEST_P(TlsPersonasTest, ACutBelowTlsAtEachPieceIsOneFailureAndTheRestCompiles) {
  run([](Runtime& runtime) {
    bool happened = true;
    std::set<CompilationResult> seen;
    for (std::size_t piece = 1; happened && piece < 1000; ++piece) {
      Personas personas(runtime, Carrier::tls);
      FakeCompiler& compiler = personas.startCompiler();
      std::size_t reads_left = piece;
      personas.vm_options.compilations = 3;
      personas.vm_options.connect = [&]() -> std::unique_ptr<ByteStream> {
        auto raw = connectTo(runtime, {"127.0.0.1", compiler.port()}, {});
        auto secured = TlsByteStream::connect(runtime, personas.vm_options.tls,
                                              std::make_unique<RawCut>(std::move(raw), reads_left),
                                              "127.0.0.1", runtime.now() + kPatience);
        if (!secured) {
          throw StreamFailure(StreamFailure::Cause::connect, secured.error().detail, secured.error().code);
        }
        return std::move(*secured);
      };
      const FakeVMSummary client = personas.runVM();
      compiler.stop();  // without waiting for a goodbye that may have been lost

      happened = reads_left == 0;
      ASSERT_THAT(personas.client.compilations, SizeIs(3));
      std::size_t compiled = 0;
      for (const CompilationReport& report : personas.client.compilations) {
        if (report.result == CompilationResult::compiled) {
          ++compiled;
        } else {
          EXPECT_THAT(report.detail, HasSubstr("cut below TLS")) << piece;
          seen.insert(report.result);
        }
      }
      // The goodbye has a connection of its own, whose loss harms nobody.
      EXPECT_GE(compiled, happened ? 2U : 3U) << piece;
      EXPECT_EQ(client.stream_failures, 3U - compiled) << piece;
    }
    EXPECT_FALSE(happened);  // in the end the cut lay beyond the conversation
    // In the handshake there was no connection yet, later a compilation broke.
    EXPECT_EQ(seen, (std::set{CompilationResult::terminated, CompilationResult::local}));
  });
}

TEST_P(TlsPersonasTest, APlainClientAtATlsServerIsToldWhatThatLooksLike) {
  run([](Runtime& runtime) {
    Personas personas(runtime, Carrier::tls);
    FakeCompiler& compiler = personas.startCompiler();
    personas.vm_options.tls = nullptr;  // so connect() is plain
    personas.vm_options.compilations = 2;
    const FakeVMSummary client = personas.runVM();
    EXPECT_EQ(client.compiled, 0U);
    EXPECT_EQ(client.failed, 2U);
    EXPECT_THAT(
        personas.client.compilations,
        Each(AllOf(Field(&CompilationReport::result, CompilationResult::terminated),
                   Field(&CompilationReport::detail, HasSubstr("; a server that expects TLS does so")))));
    personas.server.waitForEnds(2);
    compiler.stop();
    EXPECT_GE(compiler.summary().stream_failures, 2U);
    EXPECT_EQ(compiler.listener().failedHandshakes(), compiler.summary().stream_failures);
    for (const StreamEndReport& end : personas.server.ends) {
      EXPECT_TRUE(end.failure);
      EXPECT_THAT(end.detail,
                  AllOf(HasSubstr("TLS handshake"), HasSubstr("this is not TLS"), HasSubstr("(tls)")));
    }
  });
}

/// The hint is for a first request alone: a server that closes later has understood the connection.
TEST_P(TlsPersonasTest, ALaterEndIsNotTakenForTls) {
  run([](Runtime& runtime) {
    for (const bool at_once : {true, false}) {
      Personas personas(runtime, Carrier::tcp);
      ScriptedCompilation closing;
      closing.end.kind = ScriptEnd::Kind::close;
      if (at_once) {
        personas.compiler_options.script.compilations = {closing};
      } else {
        personas.compiler_options.script.compilations.push_back(closing);
      }
      personas.vm_options.compilations = personas.compiler_options.script.compilations.size();
      personas.startCompiler();
      personas.runVM();
      personas.finish();
      const std::string& detail = personas.client.compilations.back().detail;
      EXPECT_EQ(personas.client.compilations.back().result, CompilationResult::terminated);
      if (at_once) {
        EXPECT_THAT(detail, HasSubstr("expects TLS"));
      } else {
        EXPECT_THAT(detail, Not(HasSubstr("expects TLS")));
      }
    }
  });
}

TEST_P(TlsPersonasTest, ATlsClientAtAPlainServerHasNoConnection) {
  run([](Runtime& runtime) {
    Personas personas(runtime, Carrier::tls);
    personas.compiler_options.listener.tls = nullptr;
    personas.startCompiler();
    const FakeVMSummary client = personas.runVM();
    personas.finish();
    EXPECT_EQ(client.local, 1U);
    EXPECT_EQ(client.connections, 0U);
    EXPECT_THAT(client.last_connect_error, HasSubstr("TLS handshake"));
    ASSERT_THAT(personas.server.ends, SizeIs(1));
    EXPECT_THAT(personas.server.ends[0].detail, HasSubstr("this is a TLS handshake"));
  });
}

TEST_P(TlsPersonasTest, AClientThatTrustsSomebodyElseCompilesLocally) {
  run([](Runtime& runtime) {
    static const CertificateAuthority other("another authority");
    Personas personas(runtime, Carrier::tls);
    FakeCompiler& compiler = personas.startCompiler();
    TlsClientOptions distrust;
    distrust.root_certificates = other.certificate();
    auto context = TlsContext::makeClient(runtime, distrust);
    ASSERT_TRUE(context) << context.error().detail;
    personas.vm_options.tls = *context;
    personas.vm_options.compilations = 2;
    const FakeVMSummary client = personas.runVM();
    EXPECT_EQ(client.local, 2U);
    EXPECT_EQ(client.stream_failures, 2U);
    EXPECT_THAT(client.last_connect_error, HasSubstr("unable to get local issuer certificate"));
    EXPECT_THAT(personas.client.compilations,
                Each(Field(&CompilationReport::detail, HasSubstr("no connection: TLS"))));

    personas.vm_options.tls = testClientTls(runtime);
    EXPECT_EQ(personas.runVM().compiled, 2U);  // a fresh client is served
    compiler.stop();
  });
}

TEST_P(TlsPersonasTest, SilentClientsDoNotHinderCompilationsNorTheStop) {
  run([](Runtime& runtime) {
    Personas personas(runtime, Carrier::tls);
    personas.compiler_options.listener.handshake_timeout_ms = 3'600'000;
    FakeCompiler& compiler = personas.startCompiler();
    std::vector<std::unique_ptr<ByteStream>> silent;
    for (int i = 0; i < 3; ++i) silent.push_back(connectTo(runtime, {"127.0.0.1", compiler.port()}, {}));
    personas.vm_options.compilations = 6;
    personas.vm_options.compilation_threads = 2;
    EXPECT_EQ(personas.runVM().compiled, 6U);
    const FakeCompilerSummary server = personas.finish();
    EXPECT_EQ(server.compiled, 6U);
    EXPECT_EQ(server.stream_failures, 0U);
    for (const auto& each : silent) {
      std::byte byte{};
      const auto end = each->readSome(std::span(&byte, 1), runtime.now() + kPatience);
      ASSERT_FALSE(end);
      EXPECT_NE(end.error().code, NetErrc::timedOut);
    }
  });
}

}  // namespace
}  // namespace jitrig::test
