#pragma once

#include <memory>
#include <optional>
#include <string>

#include "protocol/stream/tls/tls_context.h"

namespace CLI {
class App;
}

namespace jitrig {

/// The options of TLS. It is on if any of the three files is given (semantics.md, section 8); whatever is
/// wrong with them is an error, never a plain connection. nullopt, unlike "", means not given.
struct TlsFiles {
  std::optional<std::string> key = std::nullopt;
  std::optional<std::string> certificate = std::nullopt;
  std::optional<std::string> root_certificates = std::nullopt;
  bool no_host_check = false;               ///< of clients
  bool require_client_certificate = false;  ///< of servers

  bool on() const { return key || certificate || root_certificates; }
};

/// --ssl-key, --ssl-cert, --ssl-root-certs, with the words for a client, a server, or a verb that can be
/// either; and --ssl-no-host-check, --ssl-require-client-cert for whom they concern. `files` must live as
/// long as `verb`.
enum class TlsSide { client, server, either };
void addTlsOptions(CLI::App& verb, TlsFiles& files, TlsSide side);

/// Null, nullopt: plain. Throws CommandError: wrongUsage for options that do not go together, unreadableInput
/// for files that are missing or wrong; both name the option. SSLKEYLOGFILE of the environment is honoured.
std::optional<TlsClientOptions> readClientTls(const TlsFiles& files);
std::optional<TlsServerOptions> readServerTls(const TlsFiles& files);
std::shared_ptr<TlsContext> makeClientTls(Runtime& runtime, const TlsFiles& files);
std::shared_ptr<TlsContext> makeServerTls(Runtime& runtime, const TlsFiles& files);

}  // namespace jitrig
