#include "scenarios/file/scenario.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace jitrig {
namespace {

using Of = ScenarioCountName::Of;

constexpr std::array kCountNames{
    ScenarioCountName{"compiled", Of::clients, "compilations that ended with code"},
    ScenarioCountName{"failed", Of::clients, "compilations that the server said do not work"},
    ScenarioCountName{"terminated", Of::clients, "compilations that ended with their stream"},
    ScenarioCountName{"interrupted", Of::clients, "compilations that the client gave up"},
    ScenarioCountName{"local", Of::clients, "compilations for which no connection could be had, or tried"},
    ScenarioCountName{"compilations", Of::clients, "all of these together"},
    ScenarioCountName{"tried_again", Of::clients, "attempts that another one followed; in none of these"},
    ScenarioCountName{"jit_dumps", Of::clients,
                      "JitDumps that crashed servers were asked for; in none of these"},
    ScenarioCountName{"queries", Of::clients, "queries that were answered"},
    ScenarioCountName{"connections", Of::clients, "connections that came about"},
    ScenarioCountName{"stream_failures", Of::clients, "streams that broke, and connections not to be had"},
    ScenarioCountName{"servers_met", Of::clients, "how often 'Connected to a server' was noted"},
    ScenarioCountName{"servers_lost", Of::clients, "how often 'Lost connection to the server' was noted"},
    ScenarioCountName{"servers_unreachable", Of::clients, "how often 'Could not connect' was noted"},
    ScenarioCountName{"policy_changes", Of::clients, "how often the activation policy became another one"},
    ScenarioCountName{"activations", Of::clients, "threads that were activated, the first one too"},
    ScenarioCountName{"suspensions", Of::clients, "threads that were suspended"},
    ScenarioCountName{"aot_loaded", Of::clients, "methods that came from an AOT cache"},
    ScenarioCountName{"aot_stored", Of::clients, "methods that were stored in one, and came back"},
    ScenarioCountName{"aot_failed", Of::clients, "AOT methods that could not be loaded"},
    ScenarioCountName{"aot_reset", Of::clients, "AOT methods in whose middle another server was met"},
    ScenarioCountName{"aot_refused", Of::clients, "attempts that an AOT cache could not serve"},
    ScenarioCountName{"aot_map_methods", Of::clients, "methods in the map of the AOT cache"},
    ScenarioCountName{"compiled", Of::server, "requests that ended with code"},
    ScenarioCountName{"failed", Of::server, "requests that were answered with a failure"},
    ScenarioCountName{"interrupted", Of::server, "requests that the client interrupted"},
    ScenarioCountName{"stream_failure", Of::server, "requests that ended with their stream"},
    ScenarioCountName{"compilations", Of::server, "all of these together"},
    ScenarioCountName{"jit_dumps", Of::server, "JitDumps that were served; in none of these"},
    ScenarioCountName{"stream_failures", Of::server, "streams that broke, and failed handshakes"},
    ScenarioCountName{"memory_low", Of::server, "answers that say that memory is low, or very low"},
    ScenarioCountName{"threads_high", Of::server,
                      "answers that say that many threads are active, or very many"},
    ScenarioCountName{"threads_very_high", Of::server, "answers that say that very many are"},
    ScenarioCountName{"used_mib", Of::server, "memory that was in use when all clients had gone"},
    ScenarioCountName{"aot_hits", Of::server, "requests that the AOT cache answered"},
    ScenarioCountName{"aot_stored", Of::server, "methods that were compiled and stored"},
    ScenarioCountName{"faults", Of::run, "how often a fault fired"},
};

constexpr std::array<std::string_view, 6> kRuntimeNames{"simulation", "simulated_tls", "loopback",
                                                        "tls",        "grpc",          "grpc_tls"};

}  // namespace

std::string_view toString(ScenarioRuntime runtime) {
  return kRuntimeNames.at(static_cast<std::size_t>(runtime));
}

std::optional<ScenarioRuntime> parseScenarioRuntime(std::string_view name) {
  for (std::size_t i = 0; i < kRuntimeNames.size(); ++i) {
    if (kRuntimeNames[i] == name) return static_cast<ScenarioRuntime>(i);
  }
  return std::nullopt;
}

std::string scenarioRuntimesText() {
  return fmt::format("{} or {}", fmt::join(std::span(kRuntimeNames).first(kRuntimeNames.size() - 1), ", "),
                     kRuntimeNames.back());
}

bool isSimulated(ScenarioRuntime runtime) {
  return runtime == ScenarioRuntime::simulation || runtime == ScenarioRuntime::simulatedTls;
}

bool isOverGrpc(ScenarioRuntime runtime) {
  return runtime == ScenarioRuntime::grpc || runtime == ScenarioRuntime::grpcTls;
}

bool isMadeForGrpc(const Scenario& scenario) {
  return std::ranges::any_of(scenario.runtimes, isOverGrpc);
}

bool usesTls(ScenarioRuntime runtime) {
  return runtime == ScenarioRuntime::simulatedTls || runtime == ScenarioRuntime::tls ||
         runtime == ScenarioRuntime::grpcTls;
}

std::span<const ScenarioCountName> scenarioCountNames() {
  return kCountNames;
}

}  // namespace jitrig
