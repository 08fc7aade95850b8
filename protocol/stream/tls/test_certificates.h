#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/stream/tls/tls_credentials.h"

namespace jitrig {

/// Certificates for tests, made when they run: none is kept in the repository, where it would expire.
///
///   const TestAuthority authority;
///   TlsServerOptions server;
///   server.identity = authority.issue({.names = {"localhost"}, .addresses = {"127.0.0.1"}});
///   TlsClientOptions client;
///   client.root_certificates = authority.certificate();
///
/// Everything here throws std::runtime_error if it cannot do what it is asked.
enum class TestKeyType : std::uint8_t { ec_p256, ed25519, rsa_2048, rsa_1024 };

/// In seconds since 1970.
inline constexpr std::int64_t kTestValidFromSeconds = 1'577'836'800;   // 2020-01-01
inline constexpr std::int64_t kTestValidUntilSeconds = 4'102'444'800;  // 2100-01-01

struct TestCertificate {
  std::string subject = "localhost";        ///< its common name
  std::vector<std::string> names = {};      ///< host names it is for
  std::vector<std::string> addresses = {};  ///< IP addresses it is for
  TestKeyType key = TestKeyType::ec_p256;   ///< RSA takes a tenth of a second to make, the others nothing
  std::int64_t valid_from_s = kTestValidFromSeconds;
  std::int64_t valid_until_s = kTestValidUntilSeconds;
  bool is_authority = false;
};

/// For localhost under its names and addresses.
TestCertificate testServerCertificate();
TestCertificate expiredTestCertificate();      ///< at the end of 2020
TestCertificate notYetValidTestCertificate();  ///< before 2099

/// Signed by itself.
TlsIdentity selfSignedTestIdentity(const TestCertificate& certificate);

/// Somebody who signs certificates.
class TestAuthority {
 public:
  explicit TestAuthority(std::string name = "jitrig test authority", TestKeyType key = TestKeyType::ec_p256);

  /// What others have to trust.
  const Pem& certificate() const { return identity_.certificate_chain; }
  /// A new key, and its certificate signed by this authority.
  TlsIdentity issue(const TestCertificate& certificate) const;
  /// An authority signed by this one. What it issues comes with its certificate in the chain.
  TestAuthority issueAuthority(std::string name) const;

 private:
  TestAuthority(std::string name, TlsIdentity identity, bool is_root);

  std::string name_;
  TlsIdentity identity_;
  bool is_root_ = true;
};

/// The same private key, encrypted with a passphrase.
Pem encryptedTestKey(const Pem& private_key, const std::string& passphrase);

/// A new folder below the system's temporary one, removed with everything in it.
class TestPemFolder {
 public:
  TestPemFolder();
  TestPemFolder(const TestPemFolder&) = delete;
  TestPemFolder& operator=(const TestPemFolder&) = delete;
  ~TestPemFolder();

  const std::filesystem::path& path() const { return path_; }
  /// Returns the file's path.
  std::string write(std::string_view name, std::string_view text) const;

 private:
  std::filesystem::path path_;
};

}  // namespace jitrig
