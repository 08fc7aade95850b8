#include "protocol/stream/tls/tls_context.h"

#include <array>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <utility>

#include "protocol/stream/tls/open_ssl_context.h"
#include "protocol/stream/tls/open_ssl_text.h"
#include "protocol/stream/tls/pem_loading.h"
#include "protocol/stream/tls/tls_engine.h"
#include "protocol/stream/tls/world_randomness.h"

namespace jitrig {
namespace {

/// Sessions of a server that asks for client certificates are resumed only by a server of the same kind. Real
/// servers have these eight bytes (semantics.md, section 8).
constexpr std::array<unsigned char, 8> kSessionIdContext{'J', 'I', 'T', 'S', 'e', 'r', 'v', 'e'};

/// A certificate message beyond this is refused; OpenSSL's own default, said aloud.
constexpr long kMaxCertificateMessageBytes = 100L * 1024;

std::unexpected<TlsSetupError> refused(std::string_view what) {
  return std::unexpected(TlsSetupError{fmt::format("TLS: {}: {}", what, takeOpenSslErrors())});
}

int numberOf(TlsVersion version) {
  return version == TlsVersion::tls1_2 ? TLS1_2_VERSION : TLS1_3_VERSION;
}

void logKeys(const SSL* ssl, const char* line) {
  auto* log = static_cast<KeyLog*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  log->append(line);
}

}  // namespace

OpenSslContext::OpenSslContext(Role role, std::unique_ptr<SessionCache> sessions)
    : role_(role), sessions_(std::move(sessions)) {}

OpenSslContext::~OpenSslContext() = default;

TlsSetup<std::shared_ptr<OpenSslContext>> OpenSslContext::make(Runtime& runtime, Role role,
                                                               const TlsOptions& options,
                                                               std::size_t max_cached_sessions) {
  auto context =
      std::make_shared<OpenSslContext>(role, std::make_unique<SessionCache>(runtime, max_cached_sessions));
  if (auto set_up = context->setUp(options); !set_up) return std::unexpected(set_up.error());
  return context;
}

TlsSetup<void> OpenSslContext::setUp(const TlsOptions& options) {
  if (options.oldest_version > options.newest_version) {
    return std::unexpected(TlsSetupError{"TLS: the oldest version allowed is newer than the newest one"});
  }
  ERR_clear_error();
  useWorldRandomness();
  context_.reset(SSL_CTX_new(role_ == Role::client ? TLS_client_method() : TLS_server_method()));
  SSL_CTX* context = context_.get();
  if (context == nullptr) return refused("OpenSSL cannot be set up");
  if (SSL_CTX_set_min_proto_version(context, numberOf(options.oldest_version)) != 1 ||
      SSL_CTX_set_max_proto_version(context, numberOf(options.newest_version)) != 1) {
    return refused("the versions cannot be set");
  }
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  // An idle connection holds no buffers for records: there are thousands of them.
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_max_cert_list(context, kMaxCertificateMessageBytes);
  SSL_CTX_set_verify_depth(context, static_cast<int>(kMaxChainCertificates));
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  if (options.verification_time_s) {
    X509_VERIFY_PARAM_set_time(SSL_CTX_get0_param(context), *options.verification_time_s);
  }
  if (!options.key_log_path.empty()) {
    auto key_log = KeyLog::open(options.key_log_path);
    if (!key_log) return std::unexpected(key_log.error());
    key_log_ = std::move(*key_log);
    SSL_CTX_set_app_data(context, key_log_.get());
    SSL_CTX_set_keylog_callback(context, logKeys);
  }
  return {};
}

TlsSetup<std::shared_ptr<TlsContext>> TlsContext::makeClient(Runtime& runtime,
                                                             const TlsClientOptions& options) {
  auto made =
      OpenSslContext::make(runtime, OpenSslContext::Role::client, options, options.max_cached_sessions);
  if (!made) return std::unexpected(made.error());
  OpenSslContext& client = **made;
  SSL_CTX* context = &client.openSsl();
  client.checkHostName(options.check_host_name);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, TlsEngine::noteVerification);
  if (options.root_certificates) {
    if (auto trusted = trust(*context, *options.root_certificates); !trusted) {
      return std::unexpected(trusted.error());
    }
  } else if (SSL_CTX_set_default_verify_paths(context) != 1) {
    return refused("the system's root certificates cannot be used");
  }
  if (options.identity) {
    if (auto used = useIdentity(*context, *options.identity); !used) return std::unexpected(used.error());
  }
  if (client.sessions().enabled()) {
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(context, TlsEngine::noteSession);
  } else {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
  }
  return *made;
}

TlsSetup<std::shared_ptr<TlsContext>> TlsContext::makeServer(Runtime& runtime,
                                                             const TlsServerOptions& options) {
  if (options.require_client_certificate && !options.client_root_certificates) {
    return std::unexpected(TlsSetupError{
        "TLS: client certificates are required, but no root certificates to verify them with were given"});
  }
  auto made = OpenSslContext::make(runtime, OpenSslContext::Role::server, options, 0);
  if (!made) return std::unexpected(made.error());
  SSL_CTX* context = &(*made)->openSsl();
  if (auto used = useIdentity(*context, options.identity); !used) return std::unexpected(used.error());
  if (options.client_root_certificates) {
    if (auto trusted = trustClients(*context, *options.client_root_certificates); !trusted) {
      return std::unexpected(trusted.error());
    }
    const int required = options.require_client_certificate ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER | required, TlsEngine::noteVerification);
  }
  if (SSL_CTX_set_session_id_context(context, kSessionIdContext.data(), kSessionIdContext.size()) != 1) {
    return refused("the session id context cannot be set");
  }
  // Sessions are in the tickets that clients hold; the server keeps none.
  if (options.resume_sessions) {
    SSL_CTX_set_num_tickets(context, 1);
  } else {
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_num_tickets(context, 0);
  }
  return *made;
}

}  // namespace jitrig
