#pragma once

#include <memory>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/tls/tls_context.h"
#include "protocol/stream/tls/tls_credentials.h"

namespace jitrig {

/// What the personas of a run share for TLS; all null where it is plain.
struct RunTls {
  std::shared_ptr<TlsContext> server;
  std::shared_ptr<TlsContext> client;
  std::shared_ptr<TlsContext> impostor;  ///< of a server that nobody trusts

  /// With certificates that are made once per process. `simulated`: nothing depends on the time of day, nor
  /// on connections before.
  static RunTls make(Runtime& runtime, bool simulated);
};

/// What the certificates of all runs of this process are made of, in PEM.
struct RunCertificates {
  TlsIdentity server;  ///< for localhost
  Pem roots;           ///< whom clients trust
  TlsIdentity impostor;

  static const RunCertificates& ofThisProcess();
};

}  // namespace jitrig
