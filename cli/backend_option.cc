#include <CLI/CLI.hpp>
#include <array>
#include <cstdlib>
#include <fmt/format.h>
#include <string>
#include <string_view>
#include <vector>

#include "cli/exit_status.h"
#include "cli/grpc_backend.h"
#include "cli/standard_error.h"

namespace jitrig {
namespace {

/// An option of connections of our own that gRPC takes care of in its own way, or knows nothing of.
struct SocketsOption {
  const char* name;
  const char* why;                 ///< behind "with the backend grpc "
  const char* harmless = nullptr;  ///< the one value that says what holds anyway
};

constexpr const char* kNoVersion = "clients announce no version";
constexpr const char* kNoAOTCache = "there is no AOT cache";

constexpr std::array kSocketsOptions{
    SocketsOption{"--protocol", "there is only jitaas", "jitaas"},
    SocketsOption{"--jdk", kNoVersion},
    SocketsOption{"--no-compressed-refs", kNoVersion},
    SocketsOption{"--arch", kNoVersion},
    SocketsOption{"--config", kNoVersion},
    SocketsOption{"--accept-any-version", kNoVersion},
    SocketsOption{"--health-port", "the health service answers on --port", "off"},
    SocketsOption{"--max-connections", "further clients wait for one of the --grpc-streams"},
    SocketsOption{"--goodbye-timeout", "nobody says goodbye"},
    SocketsOption{"--ssl-no-host-check", "a client always checks the host"},
    SocketsOption{"--aot-cache", kNoAOTCache},
    SocketsOption{"--aot-cache-dir", kNoAOTCache},
    SocketsOption{"--aot-cache-max-bytes", kNoAOTCache},
    SocketsOption{"--aot-cache-min-methods", kNoAOTCache},
    SocketsOption{"--aot-cache-min-interval", kNoAOTCache},
    SocketsOption{"--aot-cache-name", kNoAOTCache},
};

/// Without it nothing would say why an option that has always been there is refused.
std::string inTheEnvironment(const BackendOption& option) {
  return option.backend.empty() ? " (JITAAS_USE_GRPC is set in the environment)" : "";
}

void refuseSocketsOptions(const BackendOption& option) {
  for (const SocketsOption& refused : kSocketsOptions) {
    const CLI::Option* given = option.verb->get_option_no_throw(refused.name);
    if (given == nullptr || given->count() == 0) continue;
    if (refused.harmless != nullptr && given->results().back() == refused.harmless) continue;
    throw CommandError(ExitStatus::wrongUsage,
                       fmt::format("{}: with the backend grpc {}; leave it out{}", refused.name, refused.why,
                                   inTheEnvironment(option)));
  }
}

}  // namespace

void addBackendOption(CLI::App& verb, BackendOption& option) {
  option.verb = &verb;
  verb.add_option(
          "--backend", option.backend,
          "what carries the messages; grpc, which is of the generation before JITServer: a call for each "
          "compilation. Without it, grpc if JITAAS_USE_GRPC is set in the environment")
      ->type_name("sockets|grpc")
      ->check(CLI::IsMember({"sockets", "grpc"}));
}

bool usesGrpc(const BackendOption& option) {
  if (!option.backend.empty()) return option.backend == "grpc";
  const char* set = std::getenv("JITAAS_USE_GRPC");  // NOLINT(concurrency-mt-unsafe): nobody sets variables
  return set != nullptr && !std::string_view(set).empty() && std::string_view(set) != "0";
}

void checkBackend(const BackendOption& option) {
  if (usesGrpc(option)) {
    requireGrpc();
    return refuseSocketsOptions(option);
  }
  const CLI::Option* streams = option.verb->get_option_no_throw("--grpc-streams");
  if (streams != nullptr && streams->count() != 0) {
    throw CommandError(ExitStatus::wrongUsage,
                       "--grpc-streams: only with --backend grpc; see --max-connections");
  }
}

void checkMisbehaviours(const BackendOption& option, const std::vector<MisbehaviourSpec>& specs) {
  if (!usesGrpc(option)) return;
  for (const MisbehaviourSpec& spec : specs) {
    const std::string why = whatGrpcLacks(spec);
    if (why.empty()) continue;
    throw CommandError(ExitStatus::wrongUsage,
                       fmt::format("--misbehave {}: with the backend grpc {}; leave it out{}", spec.name, why,
                                   inTheEnvironment(option)));
  }
}

void explainKeyLog(const BackendOption& option, const TlsFiles& tls) {
  const char* path = std::getenv("SSLKEYLOGFILE");  // NOLINT(concurrency-mt-unsafe): nobody sets variables
  if (path == nullptr || *path == '\0' || !tls.on()) return;
  printError(
      fmt::format("jitrig {}: SSLKEYLOGFILE is passed over: gRPC writes no keys", option.verb->get_name()));
}

}  // namespace jitrig
