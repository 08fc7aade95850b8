#include "protocol/stream/tls/tls_credentials.h"

#include <fstream>
#include <set>
#include <sys/stat.h>

#include "protocol/runtime/os/operating_system_runtime.h"
#include "protocol/stream/tls/pem_folder_test_support.h"
#include "protocol/stream/tls/tls_test.h"

namespace jitrig {
namespace {

using testing::AnyOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

std::string refusalOf(const std::string& path) {
  const auto pem = readPemFile(path);
  return pem ? "read" : pem.error().detail;
}

// ---- files -----------------------------------------------------------------------------------------------

TEST(TlsPemFileTest, IsRead) {
  const TestPemFolder folder;
  const std::string path = folder.write("key.pem", testServerIdentity().private_key.text);
  ASSERT_EQ(chmod(path.c_str(), 0400), 0) << "to be readable is enough";
  const auto pem = readPemFile(path);
  ASSERT_TRUE(pem.has_value());
  EXPECT_EQ(pem->text, testServerIdentity().private_key.text);
  EXPECT_EQ(pem->source, path);
}

TEST(TlsPemFileTest, ThatIsMissing) {
  EXPECT_EQ(refusalOf("/no/such/key.pem"), "/no/such/key.pem: cannot be opened: No such file or directory");
  EXPECT_EQ(refusalOf(""), "(no path): the name of a PEM file was expected");
  EXPECT_EQ(refusalOf(std::string("a\0b", 3)), "a: the file's name has a byte 0 inside");
}

TEST(TlsPemFileTest, ThatIsEmpty) {
  const TestPemFolder folder;
  const std::string path = folder.write("empty.pem", "");
  EXPECT_EQ(refusalOf(path), path + ": the file is empty; a PEM file was expected");
}

TEST(TlsPemFileTest, ThatIsNoFile) {
  const TestPemFolder folder;
  EXPECT_EQ(refusalOf(folder.path()),
            folder.path().string() + ": not a regular file; a PEM file was expected");
  const std::string fifo = folder.path() / "fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(refusalOf(fifo), fifo + ": not a regular file; a PEM file was expected") << "and does not wait";
  EXPECT_EQ(refusalOf("/dev/zero"), "/dev/zero: not a regular file; a PEM file was expected");
}

TEST(TlsPemFileTest, ThatIsTooLarge) {
  const TestPemFolder folder;
  const std::string path = folder.write("large.pem", "x");
  std::filesystem::resize_file(path, kMaxPemBytes);
  EXPECT_EQ(refusalOf(path), "read");
  std::filesystem::resize_file(path, kMaxPemBytes + 1);
  EXPECT_EQ(refusalOf(path), path + ": larger than 1048576 bytes, which no key or certificate file is");
  std::filesystem::resize_file(path, std::uintmax_t{1} << 40U);
  EXPECT_EQ(refusalOf(path), path + ": larger than 1048576 bytes, which no key or certificate file is");
}

TEST(TlsPemFileTest, OfTheSystemThatClaimsToBeEmptyIsRead) {
  EXPECT_EQ(refusalOf("/proc/self/status"), "read");
}

// ---- contexts --------------------------------------------------------------------------------------------

class TlsContextTest : public testing::Test {
 protected:
  std::string refusal(const TlsServerOptions& options) {
    const auto made = TlsContext::makeServer(runtime, options);
    return made ? "made" : made.error().detail;
  }
  std::string refusal(const TlsClientOptions& options) {
    const auto made = TlsContext::makeClient(runtime, options);
    return made ? "made" : made.error().detail;
  }
  std::string refusal(const std::string& key_text, const std::string& certificate_text) {
    TlsServerOptions options;
    options.identity = {{key_text, "key.pem"}, {certificate_text, "cert.pem"}};
    return refusal(options);
  }
  const std::string key = testServerIdentity().private_key.text;
  const std::string certificate = testServerIdentity().certificate_chain.text;
  OperatingSystemRuntime runtime;
};

TEST_F(TlsContextTest, GoodCredentials) {
  EXPECT_EQ(refusal(key, certificate), "made");
  EXPECT_EQ(refusal(certificate + key, key + certificate), "made") << "both in one file";
  EXPECT_EQ(refusal("a comment\n" + key, "a comment\n" + certificate + "another"), "made");
  EXPECT_EQ(refusal(TlsClientOptions{}), "made") << "with the system's roots";
}

TEST_F(TlsContextTest, AnExpiredCertificateOfOnesOwnIsThePeersToRefuse) {
  TlsServerOptions options;
  options.identity = testAuthority().issue(expiredCertificate());
  EXPECT_EQ(refusal(options), "made");
}

TEST_F(TlsContextTest, ExchangedFiles) {
  EXPECT_EQ(refusal(certificate, certificate),
            "key.pem: a private key in PEM was expected, but it holds a certificate");
  EXPECT_EQ(refusal(key, key), "cert.pem: a certificate in PEM was expected, but it holds a private key");
}

TEST_F(TlsContextTest, NoPem) {
  EXPECT_EQ(refusal("", certificate), "key.pem: a private key in PEM was expected, but it is empty");
  EXPECT_EQ(refusal("hello", certificate),
            "key.pem: a private key in PEM was expected, but it is not PEM text");
  EXPECT_EQ(refusal(key, "hello"), "cert.pem: a certificate in PEM was expected, but it is not PEM text");
  EXPECT_EQ(refusal(key, ""), "cert.pem: a certificate in PEM was expected, but it is empty");
}

TEST_F(TlsContextTest, DamagedPem) {
  EXPECT_THAT(refusal(key.substr(0, key.size() / 2), certificate),
              StartsWith("key.pem: the private key cannot be read: "));
  EXPECT_THAT(refusal(key, certificate.substr(0, certificate.size() / 2)),
              StartsWith("cert.pem: certificate 1 cannot be read: "));
  std::string damaged = certificate;
  damaged[damaged.size() / 2] = '!';
  EXPECT_EQ(refusal(key, damaged), "cert.pem: certificate 1 cannot be read: bad base64 decode");
  EXPECT_EQ(refusal(key, certificate + damaged), "cert.pem: certificate 2 cannot be read: bad base64 decode");
}

TEST_F(TlsContextTest, AKeyOfAnotherCertificate) {
  EXPECT_THAT(refusal(testAuthority().issue(localhostCertificate()).private_key.text, certificate),
              "key.pem: the private key does not belong to the certificate of cert.pem: key values mismatch");
  CertificateRequest ed25519;
  ed25519.key = KeyType::ed25519;
  EXPECT_THAT(refusal(testAuthority().issue(ed25519).private_key.text, certificate),
              "key.pem: the private key does not belong to the certificate of cert.pem: different key types; "
              "key type mismatch");
}

TEST_F(TlsContextTest, AnEncryptedKeyIsRefusedWithoutAQuestion) {
  EXPECT_EQ(
      refusal(encryptedKey(testServerIdentity().private_key, "secret").text, certificate),
      "key.pem: the private key is encrypted; an unencrypted one was expected, nobody can be asked for its "
      "passphrase");
}

TEST_F(TlsContextTest, AWeakKey) {
  CertificateRequest weak = localhostCertificate();
  weak.key = KeyType::rsa_1024;
  const TlsIdentity identity = testAuthority().issue(weak);
  EXPECT_EQ(refusal(identity.private_key.text, identity.certificate_chain.text),
            "cert.pem: certificate 1 cannot be used: ee key too small");
}

TEST_F(TlsContextTest, TooManyCertificates) {
  std::string chain;
  for (int i = 0; i < 11; ++i) chain += certificate;
  EXPECT_EQ(refusal(key, chain), "cert.pem: more than 10 certificates in a chain");
}

TEST_F(TlsContextTest, TooMuchText) {
  EXPECT_EQ(refusal(std::string(kMaxPemBytes + 1, 'x'), certificate), "key.pem: too large for a private key");
  EXPECT_EQ(refusal(key, std::string(kMaxPemBytes + 1, 'x')), "cert.pem: too large for certificates");
}

TEST_F(TlsContextTest, RootCertificatesThatAreNone) {
  TlsClientOptions client;
  client.root_certificates = Pem{key, "roots.pem"};
  EXPECT_EQ(refusal(client), "roots.pem: a certificate in PEM was expected, but it holds a private key");
  TlsServerOptions server = testServerOptions();
  server.client_root_certificates = Pem{"", "roots.pem"};
  EXPECT_EQ(refusal(server), "roots.pem: a certificate in PEM was expected, but it is empty");
}

TEST_F(TlsContextTest, AClientsIdentityIsLookedAtToo) {
  TlsClientOptions client = testClientOptions();
  client.identity = TlsIdentity{{"", "client.key"}, {certificate, "client.pem"}};
  EXPECT_EQ(refusal(client), "client.key: a private key in PEM was expected, but it is empty");
}

TEST_F(TlsContextTest, OptionsThatContradictEachOther) {
  TlsServerOptions server = testServerOptions();
  server.require_client_certificate = true;
  EXPECT_EQ(refusal(server),
            "TLS: client certificates are required, but no root certificates to verify them with were given");
  TlsClientOptions client = testClientOptions();
  client.newest_version = TlsVersion::tls1_2;
  client.oldest_version = TlsVersion::tls1_3;
  EXPECT_EQ(refusal(client), "TLS: the oldest version allowed is newer than the newest one");
}

// ---- key log ---------------------------------------------------------------------------------------------

TEST_F(TlsContextTest, AKeyLogThatCannotBeWritten) {
  const TestPemFolder folder;
  TlsClientOptions client = testClientOptions();
  client.key_log_path = "/no/such/folder/keys";
  EXPECT_EQ(refusal(client),
            "key log /no/such/folder/keys: cannot be opened for appending: No such file or directory");
  client.key_log_path = folder.path();
  EXPECT_EQ(refusal(client),
            "key log " + client.key_log_path + ": cannot be opened for appending: Is a directory");
  client.key_log_path = folder.path() / "fifo";
  ASSERT_EQ(mkfifo(client.key_log_path.c_str(), 0600), 0);
  EXPECT_THAT(refusal(client), StartsWith("key log " + client.key_log_path + ": ")) << "and does not wait";
  client.key_log_path = "/dev/null";
  EXPECT_EQ(refusal(client), "key log /dev/null: not a regular file");
}

std::multiset<std::string> linesOf(const std::string& path) {
  std::ifstream in(path);
  std::multiset<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.insert(line);
  return lines;
}

class TlsKeyLogTest : public TlsTest {};
JITRIG_TLS_IN_EVERY_RUNTIME(TlsKeyLogTest);

TEST_P(TlsKeyLogTest, HoldsTheSecretsOfBothVersions) {
  run([](Runtime& runtime) {
    for (const TlsVersion version : {TlsVersion::tls1_2, TlsVersion::tls1_3}) {
      const TestPemFolder folder;
      TlsClientOptions client = testClientOptions();
      client.newest_version = version;
      client.key_log_path = folder.path() / "client";
      TlsServerOptions server = testServerOptions();
      server.key_log_path = folder.path() / "server";
      WatchedPair watches;
      connected(runtime, testContexts(runtime, client, server), watches.watched(connectThroughPipe(runtime)));

      struct stat status{};
      ASSERT_EQ(stat(client.key_log_path.c_str(), &status), 0);
      EXPECT_EQ(status.st_mode & 0777U, 0600U);
      const auto lines = linesOf(client.key_log_path);
      EXPECT_EQ(lines, linesOf(server.key_log_path)) << "the same secrets on both sides";

      // Wireshark finds a session by the random bytes of its ClientHello: behind the headers of record and
      // message and the version.
      std::string random;
      for (std::size_t i = 11; i < 43; ++i) {
        static constexpr std::string_view kDigits = "0123456789abcdef";
        const auto byte = std::to_integer<unsigned>(watches.client.written.at(i));
        random += kDigits[byte / 16];
        random += kDigits[byte % 16];
      }
      std::set<std::string> labels;
      for (const std::string& line : lines) {
        const std::size_t space = line.find(' ');
        labels.insert(line.substr(0, space));
        EXPECT_EQ(line.substr(space + 1, 64), random);
        EXPECT_EQ(line.at(space + 65), ' ');
        const std::string secret = line.substr(space + 66);
        EXPECT_EQ(secret.size(), 96U);
        EXPECT_EQ(secret.find_first_not_of("0123456789abcdef"), std::string::npos);
      }
      if (version == TlsVersion::tls1_2) {
        EXPECT_THAT(labels, testing::ElementsAre("CLIENT_RANDOM"));
      } else {
        EXPECT_THAT(labels, testing::ElementsAre("CLIENT_HANDSHAKE_TRAFFIC_SECRET", "CLIENT_TRAFFIC_SECRET_0",
                                                 "EXPORTER_SECRET", "SERVER_HANDSHAKE_TRAFFIC_SECRET",
                                                 "SERVER_TRAFFIC_SECRET_0"));
      }

      connected(runtime, testContexts(runtime, client, server), connectThroughPipe(runtime));
      EXPECT_EQ(linesOf(client.key_log_path).size(), 2 * lines.size()) << "appended";
    }
  });
}

}  // namespace
}  // namespace jitrig
