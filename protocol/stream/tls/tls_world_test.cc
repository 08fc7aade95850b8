// TLS in a simulated world: the seed repeats it to the last byte.

#include <array>
#include <cstring>
#include <gtest/gtest.h>
#include <openssl/rand.h>

#include "protocol/runtime/simulation/simulated_runtime.h"
#include "protocol/runtime/world_chance.h"
#include "protocol/stream/certificates/certificate_authority.h"
#include "protocol/stream/tls/tls_test.h"

namespace jitrig {
namespace {

/// Over both directions of all that went over the wire below TLS.
struct Conversation {
  std::vector<std::byte> client_wrote;
  std::vector<std::byte> server_wrote;
  std::uint64_t schedule_digest = 0;

  friend bool operator==(const Conversation&, const Conversation&) = default;
};

TlsEnds repeatableContexts(Runtime& runtime, TlsVersion version) {
  const CertificateAuthority authority("an authority", 1);
  CertificateRequest request = localhostCertificate();
  request.key = KeyType::ed25519;
  request.key_seed = 2;
  TlsServerOptions server;
  server.identity = authority.issue(request);
  TlsClientOptions client;
  client.root_certificates = authority.certificate();
  client.oldest_version = client.newest_version = version;
  makeRepeatable(server);
  makeRepeatable(client);
  return testContexts(runtime, client, server);
}

Conversation converse(const SimulationOptions& options, TlsVersion version = TlsVersion::tls1_3) {
  Conversation conversation;
  SimulatedRuntime runtime(options);
  const SimulationResult result = runtime.runOrThrow([&] {
    WatchedPair watched;
    {
      TlsPair pair = connected(runtime, repeatableContexts(runtime, version),
                               watched.watched(connectThroughPort(runtime)));
      writeText(runtime, pair.clientStream(), "a question");
      EXPECT_EQ(readText(runtime, pair.serverStream(), 10), "a question");
      writeText(runtime, pair.serverStream(), "an answer");
      EXPECT_EQ(readText(runtime, pair.clientStream(), 9), "an answer");
    }
    conversation.client_wrote = watched.client.written;
    conversation.server_wrote = watched.server.written;
  });
  conversation.schedule_digest = result.schedule_digest;
  return conversation;
}

class TlsWorldTest : public testing::TestWithParam<TlsVersion> {};

TEST_P(TlsWorldTest, OneSeedGivesTheSameBytesTwice) {
  const Conversation first = converse({.seed = 7}, GetParam());
  EXPECT_GT(first.client_wrote.size(), 200U);
  EXPECT_EQ(first, converse({.seed = 7}, GetParam()));
}

TEST_P(TlsWorldTest, AnotherSeedGivesOtherBytesOfTheSameNumber) {
  const Conversation first = converse({.seed = 7}, GetParam());
  const Conversation second = converse({.seed = 8}, GetParam());
  EXPECT_NE(first.client_wrote, second.client_wrote);
  EXPECT_EQ(first.client_wrote.size(), second.client_wrote.size());
  EXPECT_EQ(first.server_wrote.size(), second.server_wrote.size());
}

INSTANTIATE_TEST_SUITE_P(, TlsWorldTest, testing::Values(TlsVersion::tls1_2, TlsVersion::tls1_3),
                         [](const auto& version) {
                           return version.param == TlsVersion::tls1_2 ? "tls1_2" : "tls1_3";
                         });

TEST(TlsWorld, TheDigestOfSizesIsTheSameOnEveryMachine) {
  // No byte of OpenSSL's is in it: only who ran when, and how many bytes went where.
  EXPECT_EQ(converse({.seed = 7, .digest_contents = false}).schedule_digest, 15645350121880813667U);
}

TEST(TlsWorld, OutsideOfAWorldOpenSslDrawsItself) {
  static_cast<void>(converse({.seed = 7}));
  std::array<unsigned char, 32> first{};
  std::array<unsigned char, 32> second{};
  ASSERT_EQ(RAND_bytes(first.data(), first.size()), 1);
  static_cast<void>(converse({.seed = 7}));
  ASSERT_EQ(RAND_bytes(second.data(), second.size()), 1);
  EXPECT_NE(first, second);
  std::byte untouched{42};
  EXPECT_FALSE(drawFromWorld(std::span(&untouched, 1)));
  EXPECT_EQ(untouched, std::byte{42});
}

}  // namespace
}  // namespace jitrig
