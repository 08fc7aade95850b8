#pragma once

// TLS for tests that need a server and a client that trusts it, and nothing more.

#include <memory>
#include <stdexcept>
#include <utility>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/certificates/certificate_authority.h"
#include "protocol/stream/tls/tls_context.h"

namespace jitrig {

/// One for all tests of a process: its key takes time.
inline const CertificateAuthority& testAuthority() {
  static const CertificateAuthority kAuthority;
  return kAuthority;
}

inline std::shared_ptr<TlsContext> contextOrThrow(TlsSetup<std::shared_ptr<TlsContext>> context) {
  if (!context) throw std::runtime_error(context.error().detail);
  return std::move(*context);
}

/// A server on localhost with `identity`.
inline std::shared_ptr<TlsContext> testServerTls(Runtime& runtime, const TlsIdentity& identity) {
  TlsServerOptions options;
  options.identity = identity;
  return contextOrThrow(TlsContext::makeServer(runtime, options));
}

/// The same with one that testAuthority() has issued, once for all tests of a process.
inline std::shared_ptr<TlsContext> testServerTls(Runtime& runtime) {
  static const TlsIdentity kIdentity = testAuthority().issue(localhostCertificate());
  return testServerTls(runtime, kIdentity);
}

/// A client that trusts testAuthority().
inline std::shared_ptr<TlsContext> testClientTls(Runtime& runtime) {
  TlsClientOptions options;
  options.root_certificates = testAuthority().certificate();
  return contextOrThrow(TlsContext::makeClient(runtime, options));
}

}  // namespace jitrig
