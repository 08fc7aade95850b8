#include <CLI/CLI.hpp>
#include <cstdlib>
#include <string_view>

#include "cli/grpc_backend.h"

namespace jitrig {

void addBackendOption(CLI::App& verb, BackendOption& option) {
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
  return set != nullptr && std::string_view(set) != "" && std::string_view(set) != "0";
}

}  // namespace jitrig
