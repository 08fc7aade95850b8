#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <optional>

#include "protocol/grpc/compile_test_support.h"
#include "protocol/stream/certificates/localhost_tls_test_support.h"

namespace jitrig {
namespace {

using testing::HasSubstr;

/// A server that lets in only clients with a certificate of testAuthority().
class GrpcTls : public GrpcTest {
 protected:
  GrpcTls() {
    TlsServerOptions tls;
    tls.identity = testAuthority().issue(localhostCertificate());
    tls.client_root_certificates = testAuthority().certificate();
    tls.require_client_certificate = true;
    serve({.tls = tls});
  }

  static TlsClientOptions trusting(const CertificateAuthority& authority) {
    TlsClientOptions tls;
    tls.root_certificates = authority.certificate();
    return tls;
  }

  /// What becomes of a client, at the latest when it asks for something.
  std::optional<NetError> refusal(const std::optional<TlsClientOptions>& tls) {
    CompileClientOptions options = clientOptions();
    options.tls = tls;
    auto client = connectToCompileServer(runtime, options, kNever);
    if (!client) return client.error();
    if (const auto written = writeFrame(**client, requestFrame()); !written) return written.error();
    const auto answer = readFrame(**client);
    return answer ? std::nullopt : std::optional(answer.error());
  }
};

TEST_F(GrpcTls, AClientWithACertificateIsServed) {
  CompileClientOptions options = clientOptions();
  options.tls = trusting(testAuthority());
  options.tls->identity = testAuthority().issue({.subject = "client"});
  compile(*connect(options));
  options.synchronous = true;
  compile(*connect(options));
}

TEST_F(GrpcTls, OthersAreNot) {
  const CertificateAuthority stranger("a stranger");
  TlsClientOptions strangers_certificate = trusting(testAuthority());
  strangers_certificate.identity = stranger.issue({.subject = "client"});
  TlsClientOptions strangers_trust = trusting(stranger);
  strangers_trust.identity = testAuthority().issue({.subject = "client"});

  EXPECT_TRUE(refusal(std::nullopt));
  EXPECT_TRUE(refusal(trusting(testAuthority())));
  EXPECT_TRUE(refusal(strangers_certificate));
  const auto not_trusted = refusal(strangers_trust);
  ASSERT_TRUE(not_trusted);
  EXPECT_EQ(not_trusted->code, NetErrc::tls) << not_trusted->detail;
  EXPECT_EQ(server->calls(), 0);
}

TEST_F(GrpcTls, TheServersNameIsVerified) {
  TlsServerOptions tls;
  tls.identity = testAuthority().issue({.subject = "elsewhere", .names = {"elsewhere"}});
  serve({.tls = tls});
  EXPECT_TRUE(refusal(trusting(testAuthority())));
  EXPECT_EQ(server->calls(), 0);
}

TEST_F(GrpcTls, WhatIsNoCertificateIsRefusedAtOnce) {
  TlsClientOptions nonsense;
  nonsense.root_certificates = Pem{"nonsense", "nonsense.pem"};
  const auto client = refusal(nonsense);
  ASSERT_TRUE(client);
  EXPECT_EQ(client->code, NetErrc::tls);
  EXPECT_THAT(client->detail, HasSubstr("nonsense.pem"));

  CompileServerOptions options;
  options.endpoint.port = 0;
  options.tls.emplace().identity.private_key = {"nonsense", "key.pem"};
  const auto made = CompileServer::make(runtime, options, handed_over);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, NetErrc::tls);
}

}  // namespace
}  // namespace jitrig
