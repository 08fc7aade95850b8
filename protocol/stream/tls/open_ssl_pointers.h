#pragma once

#include <memory>

// OpenSSL's types by their tags, so that its headers stay in .cc files.
struct bio_method_st;
struct bio_st;
struct evp_pkey_st;
struct ssl_ctx_st;
struct ssl_session_st;
struct ssl_st;
struct x509_st;

namespace jitrig {

/// Frees what OpenSSL made.
struct OpenSslDeleter {
  void operator()(bio_method_st* method) const noexcept;
  void operator()(bio_st* bio) const noexcept;
  void operator()(evp_pkey_st* key) const noexcept;
  void operator()(ssl_ctx_st* context) const noexcept;
  void operator()(ssl_session_st* session) const noexcept;
  void operator()(ssl_st* ssl) const noexcept;
  void operator()(x509_st* certificate) const noexcept;
};

/// OpenSslPointer<ssl_st> for an SSL*, and so on.
template <class T>
using OpenSslPointer = std::unique_ptr<T, OpenSslDeleter>;

}  // namespace jitrig
