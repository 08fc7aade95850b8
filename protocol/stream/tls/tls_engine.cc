#include "protocol/stream/tls/tls_engine.h"

#include <algorithm>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <utility>

#include "protocol/runtime/reached.h"
#include "protocol/stream/tls/open_ssl_text.h"
#include "protocol/stream/tls/world_randomness.h"

namespace jitrig {
namespace {

/// Header, explicit IV, MAC and padding of a record, at most; only to reserve storage.
constexpr std::size_t kRecordOverheadBytes = 96;
constexpr std::size_t kRecordBytes = std::size_t{16} * 1024;

/// The first byte of a record in which a handshake may begin (RFC 8446, 5.1). No JITServer message begins
/// with them: its first byte is the lowest one of a size that is a multiple of 4.
constexpr std::byte kAlertRecord{21};
constexpr std::byte kHandshakeRecord{22};

NetError tlsError(std::string detail) {
  return {NetErrc::tls, std::move(detail)};
}

TlsVersion versionOf(const SSL* ssl) {
  return SSL_version(ssl) == TLS1_3_VERSION ? TlsVersion::tls1_3 : TlsVersion::tls1_2;
}

}  // namespace

NetResult<std::unique_ptr<TlsEngine>> TlsEngine::make(std::shared_ptr<OpenSslContext> context,
                                                      const std::string& server_name) {
  std::unique_ptr<TlsEngine> engine(new TlsEngine(std::move(context)));
  if (auto set_up = engine->setUp(server_name); !set_up) return std::unexpected(set_up.error());
  return engine;
}

TlsEngine::~TlsEngine() {
  // Otherwise OpenSSL would mark a session that others may hold as unfit for resumption.
  if (established_ && !broken_) SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
}

NetResult<void> TlsEngine::setUp(const std::string& server_name) {
  ERR_clear_error();
  useWorldRandomness();
  ssl_.reset(SSL_new(&context_->openSsl()));
  if (!ssl_) return std::unexpected(tlsError("no session can be made: " + takeOpenSslErrors()));
  SSL_set_app_data(ssl_.get(), this);
  bio_st* bio = memory_.makeBio().release();
  if (bio == nullptr) return std::unexpected(tlsError("no BIO can be made: " + takeOpenSslErrors()));
  SSL_set_bio(ssl_.get(), bio, bio);
  if (!isClient()) {
    SSL_set_accept_state(ssl_.get());
    return {};
  }
  SSL_set_connect_state(ssl_.get());
  return expectServer(server_name);
}

NetResult<void> TlsEngine::expectServer(const std::string& server_name) {
  const auto refused = [&](std::string_view reason) {
    return std::unexpected(tlsError(fmt::format("the server's name \"{}\" {}", server_name, reason)));
  };
  const bool check = context_->checksHostName();
  if (server_name.empty()) {
    if (check) return refused("has to be known to be compared with its certificate");
    return {};
  }
  if (server_name.contains('\0')) return refused("has a byte 0 inside");
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(server_name.c_str());
  const bool is_address = address != nullptr;
  ASN1_OCTET_STRING_free(address);
  ERR_clear_error();
  if (!is_address && SSL_set_tlsext_host_name(ssl_.get(), server_name.c_str()) != 1) {
    return refused("cannot be sent: " + takeOpenSslErrors());
  }
  if (!check) return {};
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl_.get());
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  const int set = is_address
                      ? X509_VERIFY_PARAM_set1_ip_asc(parameters, server_name.c_str())
                      : X509_VERIFY_PARAM_set1_host(parameters, server_name.c_str(), server_name.size());
  if (set != 1) return refused("cannot be compared with a certificate: " + takeOpenSslErrors());
  expected_name_ = server_name;
  return {};
}

void TlsEngine::offer(OpenSslPointer<ssl_session_st> session) {
  // Should OpenSSL not like it, the handshake is a full one.
  if (session) SSL_set_session(ssl_.get(), session.get());
  ERR_clear_error();
}

void TlsEngine::keepInput() {
  std::vector<std::byte> rest(memory_.input.begin(), memory_.input.end());
  kept_input_ = std::move(rest);  // the input may lie in the old one
  memory_.input = kept_input_;
}

int TlsEngine::noteVerification(int verified, X509_STORE_CTX* verification) {
  if (verified == 1) return verified;
  const auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(verification, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto& engine = *static_cast<TlsEngine*>(SSL_get_app_data(ssl));
  engine.verification_error_ = X509_STORE_CTX_get_error(verification);
  X509* certificate = X509_STORE_CTX_get_current_cert(verification);
  if (certificate != nullptr) X509_up_ref(certificate);
  engine.refused_certificate_.reset(certificate);
  return verified;
}

int TlsEngine::noteSession(SSL* ssl, SSL_SESSION* session) {
  // The cache has a lock, and waiting for it could switch tasks: not in here.
  static_cast<TlsEngine*>(SSL_get_app_data(ssl))->new_session_.reset(session);
  return 1;  // the reference is ours
}

std::string TlsEngine::verificationText() const {
  if (verification_error_ == X509_V_OK) return {};
  std::string text = X509_verify_cert_error_string(verification_error_);
  text += fmt::format(" ({})", subjectOf(refused_certificate_.get()));
  if (verification_error_ == X509_V_ERR_HOSTNAME_MISMATCH ||
      verification_error_ == X509_V_ERR_IP_ADDRESS_MISMATCH) {
    text += fmt::format(", connected to {}", expected_name_);
  }
  return text;
}

std::optional<NetError> TlsEngine::problemAfter(int result) {
  const int error = SSL_get_error(ssl_.get(), result);
  if (error == SSL_ERROR_WANT_READ) return std::nullopt;
  if (error == SSL_ERROR_ZERO_RETURN)
    return NetError{NetErrc::endOfFile, "the peer ended TLS with close_notify"};
  broken_ = true;
  std::string text = takeOpenSslErrors();
  if (const std::string verification = verificationText(); !verification.empty()) text += ": " + verification;
  return tlsError(std::move(text));
}

std::optional<NetError> TlsEngine::notTls() const {
  const std::byte first = memory_.input.front();
  if (first == kHandshakeRecord || first == kAlertRecord) return std::nullopt;
  JITRIG_REACHED("tls: the peer does not speak it");
  return tlsError(
      fmt::format("this is not TLS: the peer's first byte is {:#04x}, where a handshake begins with {:#04x}; "
                  "is the peer set up "
                  "without TLS?",
                  std::to_integer<unsigned>(first), std::to_integer<unsigned>(kHandshakeRecord)));
}

NetResult<bool> TlsEngine::handshake() {
  if (!first_record_seen_ && !memory_.input.empty()) {
    first_record_seen_ = true;
    if (auto problem = notTls()) {
      broken_ = true;
      takeOutput();
      return std::unexpected(*problem);
    }
  }
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result != 1) {
    if (auto problem = problemAfter(result)) return std::unexpected(*problem);
    return false;
  }
  established_ = true;
  refused_certificate_.reset();
  session_ = {.version = versionOf(ssl_.get()),
              .cipher = SSL_get_cipher_name(ssl_.get()),
              .resumed = SSL_session_reused(ssl_.get()) == 1,
              .peer_subject = subjectOf(SSL_get0_peer_certificate(ssl_.get()))};
  settle();
  return true;
}

NetResult<std::size_t> TlsEngine::decrypt(std::span<std::byte> buffer) {
  std::size_t total = 0;
  while (!read_end_ && total < buffer.size()) {
    ERR_clear_error();
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl_.get(), buffer.data() + total, buffer.size() - total, &count);
    if (result != 1) {
      read_end_ = problemAfter(result);
      break;
    }
    total += count;
    if (memory_.input.empty()) break;
  }
  settle();
  if (total == 0 && read_end_) return std::unexpected(*read_end_);
  return total;
}

void TlsEngine::settle() {
  while (!read_end_ && !memory_.input.empty() && SSL_pending(ssl_.get()) == 0) {
    ERR_clear_error();
    char first = 0;
    std::size_t count = 0;
    const int result = SSL_peek_ex(ssl_.get(), &first, 1, &count);
    if (result == 1) break;
    read_end_ = problemAfter(result);
  }
  if (read_end_) memory_.input = {};  // whatever follows has no meaning
}

std::size_t TlsEngine::held() const {
  return static_cast<std::size_t>(SSL_pending(ssl_.get())) + memory_.input.size() + (read_end_ ? 1 : 0);
}

NetResult<void> TlsEngine::encrypt(std::span<const std::byte> bytes) {
  if (broken_) return std::unexpected(tlsError("TLS failed before"));
  memory_.output.reserve(memory_.output.size() + bytes.size() +
                         (bytes.size() / kRecordBytes + 1) * kRecordOverheadBytes);
  ERR_clear_error();
  std::size_t count = 0;
  const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &count);
  if (result == 1) return {};  // all of them, as SSL_MODE_ENABLE_PARTIAL_WRITE is off and memory never full
  if (auto problem = problemAfter(result)) return std::unexpected(*problem);
  broken_ = true;
  return std::unexpected(tlsError("OpenSSL wants to read before it writes, which only renegotiation needs"));
}

void TlsEngine::closeNotify() {
  if (!established_ || broken_) return;
  ERR_clear_error();
  if (SSL_shutdown(ssl_.get()) < 0) takeOpenSslErrors();
}

}  // namespace jitrig
