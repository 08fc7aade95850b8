#include "protocol/stream/tls/open_ssl_text.h"

#include <array>
#include <fmt/format.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

namespace jitrig {
namespace {

constexpr std::size_t kMaxSubjectSize = 200;

/// OpenSSL reports an alert that the peer sent as a reason of its own: this plus the alert's number.
constexpr int kAlertReasons = SSL_AD_REASON_OFFSET;

/// OpenSSL 3.0's own table does not know the alerts that came with TLS 1.3 (RFC 8446, section 6).
const char* alertWords(int alert) {
  switch (alert) {
    case SSL_AD_MISSING_EXTENSION: return "missing extension";
    case SSL_AD_CERTIFICATE_REQUIRED: return "certificate required";
    default: return SSL_alert_desc_string_long(alert);
  }
}

std::string wordsOf(unsigned long code, const char* data, int flags) {
  const int reason = ERR_GET_REASON(code);
  std::string words;
  if (ERR_GET_LIB(code) == ERR_LIB_SSL && reason > kAlertReasons && reason < kAlertReasons + 256) {
    const int alert = reason - kAlertReasons;
    return fmt::format("the peer refused with alert {}, {}", alert, alertWords(alert));
  }
  if (const char* text = ERR_reason_error_string(code); text != nullptr) {
    words = text;
  } else {
    std::array<char, 256> numbers{};
    ERR_error_string_n(code, numbers.data(), numbers.size());
    words = numbers.data();
  }
  if ((flags & ERR_TXT_STRING) != 0 && data != nullptr && *data != '\0') words += fmt::format(" ({})", data);
  return words;
}

}  // namespace

std::string takeOpenSslErrors() {
  std::string text;
  const char* data = nullptr;
  int flags = 0;
  while (const unsigned long code = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    if (!text.empty()) text += "; ";
    text += wordsOf(code, data, flags);
  }
  return text.empty() ? "no reason given" : text;
}

std::string subjectOf(const x509_st* certificate) {
  if (certificate == nullptr) return {};
  const OpenSslPointer<bio_st> memory(BIO_new(BIO_s_mem()));
  if (!memory) return {};
  X509_NAME_print_ex(memory.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory.get(), &text);
  if (text == nullptr || size <= 0) return {};
  std::string subject(text, static_cast<std::size_t>(size));
  if (subject.size() > kMaxSubjectSize) subject = subject.substr(0, kMaxSubjectSize) + "...";
  return subject;
}

}  // namespace jitrig
