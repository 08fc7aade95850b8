#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "protocol/stream/tls/tls_context.h"
#include "protocol/stream/tls/tls_credentials.h"

namespace jitrig {

/// Keys and certificates made while a program runs: for tests, scenarios and trying things out. None is kept
/// in a file, where it would expire.
///
///   const CertificateAuthority authority;
///   TlsServerOptions server;
///   server.identity = authority.issue({.names = {"localhost"}, .addresses = {"127.0.0.1"}});
///   TlsClientOptions client;
///   client.root_certificates = authority.certificate();
///
/// Everything here throws std::runtime_error if it cannot do what it is asked.
enum class KeyType : std::uint8_t { ec_p256, ed25519, rsa_2048, rsa_1024 };

/// In seconds since 1970: how long a certificate is valid unless it says otherwise.
inline constexpr std::int64_t kCertificatesValidFromSeconds = 1'577'836'800;   // 2020-01-01
inline constexpr std::int64_t kCertificatesValidUntilSeconds = 4'102'444'800;  // 2100-01-01

/// What a certificate says.
struct CertificateRequest {
  std::string subject = "localhost";        ///< its common name
  std::vector<std::string> names = {};      ///< host names it is for
  std::vector<std::string> addresses = {};  ///< IP addresses it is for
  KeyType key = KeyType::ec_p256;           ///< RSA takes a tenth of a second to make, the others nothing
  /// With KeyType::ed25519: the key is made from this number, the same in every process. No secret, then: for
  /// worlds that a seed has to repeat to the last byte. Give each its own.
  std::optional<std::uint64_t> key_seed = std::nullopt;
  std::int64_t valid_from_s = kCertificatesValidFromSeconds;
  std::int64_t valid_until_s = kCertificatesValidUntilSeconds;
  bool is_authority = false;
};

/// For localhost under its names and addresses.
CertificateRequest localhostCertificate();
CertificateRequest expiredCertificate();      ///< at the end of 2020
CertificateRequest notYetValidCertificate();  ///< before 2099

/// Signed by itself.
TlsIdentity selfSignedIdentity(const CertificateRequest& certificate);

/// Somebody who signs certificates.
class CertificateAuthority {
 public:
  explicit CertificateAuthority(std::string name = "jitrig test authority", KeyType key = KeyType::ec_p256);

  /// As CertificateRequest::key_seed: the same authority in every process.
  CertificateAuthority(std::string name, std::uint64_t key_seed);

  /// What others have to trust.
  const Pem& certificate() const { return identity_.certificate_chain; }
  /// A new key, and its certificate signed by this authority.
  TlsIdentity issue(const CertificateRequest& certificate) const;
  /// An authority signed by this one. What it issues comes with its certificate in the chain.
  CertificateAuthority issueAuthority(std::string name) const;

 private:
  CertificateAuthority(std::string name, TlsIdentity identity, bool is_root);

  std::string name_;
  TlsIdentity identity_;
  bool is_root_ = true;
};

/// The same private key, encrypted with a passphrase.
Pem encryptedKey(const Pem& private_key, const std::string& passphrase);

/// When certificates are verified where a run has to be repeatable: 2024-01-01, in seconds since 1970.
inline constexpr std::int64_t kRepeatableVerificationSeconds = 1'704'067'200;

/// TLS that a simulated world repeats from its seed, together with keys made from numbers: certificates are
/// verified at a fixed time, and no session is resumed, for tickets tell the time of day.
void makeRepeatable(TlsClientOptions& options);
void makeRepeatable(TlsServerOptions& options);

}  // namespace jitrig
