#include "cli/tls_options.h"

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <fmt/format.h>

#include "cli/exit_status.h"

namespace jitrig {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw CommandError(ExitStatus::wrongUsage, what);
}

template <class T>
T valueOrRefuse(TlsSetup<T> made) {
  if (!made) throw CommandError(ExitStatus::unreadableInput, made.error().detail);
  return std::move(*made);
}

/// Errors about its contents name the option as well as the file.
Pem readOption(const char* option, const std::string& path) {
  auto pem = readPemFile(path);
  if (!pem)
    throw CommandError(ExitStatus::unreadableInput, fmt::format("{}: {}", option, pem.error().detail));
  pem->source = fmt::format("{}: {}", option, pem->source);
  return std::move(*pem);
}

TlsIdentity readIdentity(const TlsFiles& files) {
  return {.private_key = readOption("--ssl-key", *files.key),
          .certificate_chain = readOption("--ssl-cert", *files.certificate)};
}

std::string keyLogPath() {
  const char* path = std::getenv("SSLKEYLOGFILE");  // NOLINT(concurrency-mt-unsafe): nobody sets variables
  return path == nullptr ? "" : path;
}

void requireKeyWithCertificate(const TlsFiles& files) {
  if (files.key && !files.certificate) refuse("--ssl-key: its certificate is missing; see --ssl-cert");
  if (files.certificate && !files.key) refuse("--ssl-cert: its private key is missing; see --ssl-key");
}

const char* rootCertificatesHelp(TlsSide side) {
  switch (side) {
    case TlsSide::client: return "TLS: whom to trust (PEM); without it, the system's root certificates";
    case TlsSide::server: return "TLS: ask clients for certificates, and trust these (PEM)";
    case TlsSide::either: break;
  }
  return "TLS: whom to trust (PEM); with --side server: ask clients for certificates, and trust these";
}

}  // namespace

void addTlsOptions(CLI::App& verb, TlsFiles& files, TlsSide side) {
  const bool server = side != TlsSide::client;
  verb.add_option("--ssl-key", files.key,
                  server ? "TLS: the server's private key (PEM)" : "TLS: private key of --ssl-cert (PEM)")
      ->type_name("FILE");
  verb.add_option("--ssl-cert", files.certificate,
                  server ? "TLS: the server's certificate, and the intermediate ones (PEM)"
                         : "TLS: certificate for a server that asks for one (PEM)")
      ->type_name("FILE");
  verb.add_option("--ssl-root-certs", files.root_certificates, rootCertificatesHelp(side))->type_name("FILE");
  if (side != TlsSide::server) {
    verb.add_flag("--ssl-no-host-check", files.no_host_check,
                  "TLS: take a certificate made for another host, as real clients do");
  }
  if (side != TlsSide::client) {
    verb.add_flag("--ssl-require-client-cert", files.require_client_certificate,
                  "TLS: refuse clients that show no certificate");
  }
}

std::optional<TlsClientOptions> readClientTls(const TlsFiles& files) {
  requireKeyWithCertificate(files);
  if (files.require_client_certificate) refuse("--ssl-require-client-cert: only a server can require one");
  if (!files.on()) {
    if (files.no_host_check) refuse("--ssl-no-host-check: there is no TLS without --ssl-root-certs");
    return std::nullopt;
  }
  TlsClientOptions options;
  options.key_log_path = keyLogPath();
  options.check_host_name = !files.no_host_check;
  if (files.root_certificates) {
    options.root_certificates = readOption("--ssl-root-certs", *files.root_certificates);
  }
  if (files.key) options.identity = readIdentity(files);
  return options;
}

std::optional<TlsServerOptions> readServerTls(const TlsFiles& files) {
  requireKeyWithCertificate(files);
  if (files.no_host_check) refuse("--ssl-no-host-check: only a client checks the host");
  if (files.root_certificates && !files.key) {
    refuse("--ssl-root-certs: a server needs --ssl-key and --ssl-cert as well");
  }
  if (files.require_client_certificate && !files.root_certificates) {
    refuse("--ssl-require-client-cert: --ssl-root-certs must say which certificates are good");
  }
  if (!files.on()) return std::nullopt;
  TlsServerOptions options;
  options.key_log_path = keyLogPath();
  options.identity = readIdentity(files);
  if (files.root_certificates) {
    options.client_root_certificates = readOption("--ssl-root-certs", *files.root_certificates);
    options.require_client_certificate = files.require_client_certificate;
  }
  return options;
}

std::shared_ptr<TlsContext> makeClientTls(Runtime& runtime, const TlsFiles& files) {
  const auto options = readClientTls(files);
  return options ? valueOrRefuse(TlsContext::makeClient(runtime, *options)) : nullptr;
}

std::shared_ptr<TlsContext> makeServerTls(Runtime& runtime, const TlsFiles& files) {
  const auto options = readServerTls(files);
  return options ? valueOrRefuse(TlsContext::makeServer(runtime, *options)) : nullptr;
}

}  // namespace jitrig
