#include "scenarios/run/run_tls.h"

#include <stdexcept>
#include <utility>

#include "protocol/stream/certificates/certificate_authority.h"

namespace jitrig {
namespace {

RunCertificates makeCertificates() {
  // Signatures of Ed25519 have one length, and no random number in them; keys that are the same in every
  // process make a simulated run the same, too.
  CertificateRequest certificate = localhostCertificate();
  certificate.key = KeyType::ed25519;
  certificate.key_seed = 1;
  const CertificateAuthority authority("jitrig scenarios", 2);
  const CertificateAuthority nobody("nobody trusts this authority", 3);
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
    makeRepeatable(server);
    makeRepeatable(client);
    client.check_host_name = false;  // hosts of a simulated world have names of their own
  }
  TlsServerOptions impostor = server;
  impostor.identity = certificates.impostor;
  return {.server = orThrow(TlsContext::makeServer(runtime, server)),
          .client = orThrow(TlsContext::makeClient(runtime, client)),
          .impostor = orThrow(TlsContext::makeServer(runtime, impostor))};
}

}  // namespace jitrig
