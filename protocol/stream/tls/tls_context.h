#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "protocol/runtime/runtime.h"
#include "protocol/stream/tls/tls_credentials.h"

namespace jitrig {

/// The versions that are spoken; older ones are not.
enum class TlsVersion : std::uint8_t { tls1_2, tls1_3 };

/// What both sides of TLS can be told.
struct TlsOptions {
  TlsVersion oldest_version = TlsVersion::tls1_2;
  TlsVersion newest_version = TlsVersion::tls1_3;
  /// Where the secrets of every session are appended in the NSS key log format, so that Wireshark can read a
  /// capture. Empty: nowhere. The personas take it from SSLKEYLOGFILE.
  std::string key_log_path;
  /// When certificates are verified, in seconds since 1970: a simulation fixes it. nullopt: now.
  std::optional<std::int64_t> verification_time_s;
};

/// How a client trusts, and who it is.
struct TlsClientOptions : TlsOptions {
  /// Whom to trust. nullopt: the system's root certificates.
  std::optional<Pem> root_certificates;
  /// The certificate must be for the name or address that was connected to. Real JITServer clients do not
  /// check this, and the certificates of their servers are often made without a thought of it.
  bool check_host_name = true;
  /// Sent if the server asks for a certificate. Real clients have none.
  std::optional<TlsIdentity> identity;
  /// Sessions kept for resumption, one per server; 0 turns resumption off.
  std::size_t max_cached_sessions = 16;
};

/// Who a server is, and whom it lets in.
struct TlsServerOptions : TlsOptions {
  TlsIdentity identity;
  /// Clients are asked for a certificate, which must then be signed by one of these. nullopt: not asked.
  std::optional<Pem> client_root_certificates;
  /// With client_root_certificates: a client without a certificate is refused.
  bool require_client_certificate = false;
  bool resume_sessions = true;
};

/// What the TLS connections of one client or one server have in common: credentials, trust, sessions. Made
/// once, shared by all, safe to use from any task. Certificates are always verified; there is no way to turn
/// that off, and no way back to plaintext.
class TlsContext {
 public:
  /// `runtime` must outlive the context.
  static TlsSetup<std::shared_ptr<TlsContext>> makeClient(Runtime& runtime, const TlsClientOptions& options);
  static TlsSetup<std::shared_ptr<TlsContext>> makeServer(Runtime& runtime, const TlsServerOptions& options);

  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;
  virtual ~TlsContext() = default;

 protected:
  TlsContext() = default;
};

}  // namespace jitrig
