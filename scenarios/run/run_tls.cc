#include "scenarios/run/run_tls.h"

#include <stdexcept>
#include <utility>

#include "protocol/stream/tls/test_certificates.h"

namespace jitrig {
namespace {

/// When simulated certificates are verified: between the bounds of all that are made here.
constexpr std::int64_t kSimulatedTimeSeconds = 1'800'000'000;

RunCertificates makeCertificates() {
  // Signatures of Ed25519 have one length, and no random number in them.
  TestCertificate certificate = testServerCertificate();
  certificate.key = TestKeyType::ed25519;
  const TestAuthority authority("jitrig scenarios", TestKeyType::ed25519);
  const TestAuthority nobody("nobody trusts this authority", TestKeyType::ed25519);
  return {.server = authority.issue(certificate),
          .roots = authority.certificate(),
          .impostor = nobody.issue(certificate)};
}

std::shared_ptr<TlsContext> orThrow(TlsSetup<std::shared_ptr<TlsContext>> context) {
  if (!context) throw std::runtime_error(context.error().detail);
  return std::move(*context);
}

}  // namespace

const RunCertificates& RunCertificates::ofThisProcess() {
  static const RunCertificates kCertificates = makeCertificates();
  return kCertificates;
}

RunTls RunTls::make(Runtime& runtime, bool simulated) {
  const RunCertificates& certificates = RunCertificates::ofThisProcess();
  TlsServerOptions server;
  server.identity = certificates.server;
  TlsClientOptions client;
  client.root_certificates = certificates.roots;
  if (simulated) {
    server.verification_time_s = kSimulatedTimeSeconds;
    server.resume_sessions = false;
    client.verification_time_s = kSimulatedTimeSeconds;
    client.max_cached_sessions = 0;
    client.check_host_name = false;  // hosts of a simulated world have names of their own
  }
  TlsServerOptions impostor = server;
  impostor.identity = certificates.impostor;
  return {.server = orThrow(TlsContext::makeServer(runtime, server)),
          .client = orThrow(TlsContext::makeClient(runtime, client)),
          .impostor = orThrow(TlsContext::makeServer(runtime, impostor))};
}

}  // namespace jitrig
