#pragma once

#include <memory>

#include "protocol/stream/tls/key_log.h"
#include "protocol/stream/tls/open_ssl_pointers.h"
#include "protocol/stream/tls/session_cache.h"
#include "protocol/stream/tls/tls_context.h"

namespace jitrig {

/// The one TlsContext there is: OpenSSL's SSL_CTX and what belongs to it.
class OpenSslContext final : public TlsContext {
 public:
  enum class Role { client, server };

  /// Everything that both roles have in common.
  static TlsSetup<std::shared_ptr<OpenSslContext>> make(Runtime& runtime, Role role,
                                                        const TlsOptions& options,
                                                        std::size_t max_cached_sessions);
  OpenSslContext(Role role, std::unique_ptr<SessionCache> sessions);
  ~OpenSslContext() override;

  Role role() const { return role_; }
  ssl_ctx_st& openSsl() const { return *context_; }
  /// A client's; of a server it is never used.
  SessionCache& sessions() const { return *sessions_; }
  bool checksHostName() const { return checks_host_name_; }

  /// Before the context is shared.
  void checkHostName(bool check) { checks_host_name_ = check; }

 private:
  TlsSetup<void> setUp(const TlsOptions& options);

  const Role role_;
  std::unique_ptr<SessionCache> sessions_;
  std::unique_ptr<KeyLog> key_log_;
  OpenSslPointer<ssl_ctx_st> context_;
  bool checks_host_name_ = false;
};

}  // namespace jitrig
