#pragma once

#include <cstddef>

#include "protocol/stream/tls/open_ssl_pointers.h"
#include "protocol/stream/tls/tls_credentials.h"

namespace jitrig {

/// Certificates of one side, its own first. More than anybody has; OpenSSL's verification stops there, too.
inline constexpr std::size_t kMaxChainCertificates = 10;

/// The context will present this identity. The errors name the PEM's source.
TlsSetup<void> useIdentity(ssl_ctx_st& context, const TlsIdentity& identity);

/// The context will trust these certificates, and nothing else that it was not told to.
TlsSetup<void> trust(ssl_ctx_st& context, const Pem& root_certificates);

/// As trust(), and clients are told these names when they are asked for a certificate.
TlsSetup<void> trustClients(ssl_ctx_st& context, const Pem& root_certificates);

}  // namespace jitrig
