#include "protocol/stream/tls/tls_byte_stream.h"

#include "protocol/stream/tls/tls_test.h"

namespace jitrig {
namespace {

using testing::HasSubstr;

class TlsByteStreamTest : public OverEveryCarrier {};
JITRIG_OVER_EVERY_CARRIER(TlsByteStreamTest);

TEST_P(TlsByteStreamTest, CarriesBytesBothWaysAndEndsInOrder) {
  run([](Runtime& runtime, StreamPair pair) {
    TlsPair tls = handshake(runtime, testContexts(runtime), std::move(pair));
    ASSERT_EQ(textOf(tls.client), "connected");
    ASSERT_EQ(textOf(tls.server), "connected");
    EXPECT_EQ((*tls.client)->session().version, TlsVersion::tls1_3);
    EXPECT_EQ((*tls.client)->session().cipher, "TLS_AES_256_GCM_SHA384");
    EXPECT_EQ((*tls.client)->session().peer_subject, "CN=localhost");
    EXPECT_EQ((*tls.server)->session().peer_subject, "");
    EXPECT_FALSE((*tls.client)->session().resumed);

    const auto server = runtime.spawn("server", [&] {
      ByteStream& stream = **tls.server;
      writeText(runtime, stream, "to " + readText(runtime, stream, 4));
      const NetError end = readError(stream, patience(runtime));
      EXPECT_EQ(end.code, NetErrc::endOfFile);
      EXPECT_THAT(end.detail, HasSubstr("the peer ended TLS with close_notify"));
      EXPECT_EQ(readError(stream, patience(runtime)).code, NetErrc::endOfFile) << "every time";
    });
    writeText(runtime, **tls.client, "ping");
    EXPECT_EQ(readText(runtime, **tls.client, 7), "to ping");
    valueOrThrow((*tls.client)->closeWrite());
    server->join();
  });
}

}  // namespace
}  // namespace jitrig
