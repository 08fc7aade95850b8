#include "scenarios/run/run_backend.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

#include "scenarios/fault/fault_action.h"
#include "scenarios/file/older_generation.h"

namespace jitrig {
namespace {

constexpr const char* kNoVersion = "clients announce no version";
constexpr const char* kNoGoodbye = "nobody says goodbye";
constexpr const char* kEndsTheCall = "a final message ends the call, behind which nothing can be said";

/// The beginning of misbehaviours' names, or all of one.
struct Lack {
  std::string_view misbehaviour;
  const char* why;
};

constexpr std::array kLacks{
    Lack{"goodbye_", kNoGoodbye},
    Lack{"session_goodbye_", kNoGoodbye},
    Lack{"connect_goodbye", kNoGoodbye},
    Lack{"parking_", kEndsTheCall},
    Lack{"final_twice", kEndsTheCall},
    Lack{"final_and_", kEndsTheCall},
    Lack{"final_after_failure", kEndsTheCall},
    Lack{"request_forgets_version", kNoVersion},
    Lack{"request_repeats_version", kNoVersion},
    Lack{"request_other_version", kNoVersion},
    Lack{"request_other_configuration", kNoVersion},
    Lack{"reply_with_version", kNoVersion},
    Lack{"query_with_version", kNoVersion},
    Lack{"query_other_version", kNoVersion},
    Lack{"final_with_version", kNoVersion},
};

/// Where a size lies, the carrier may have no whole frame to send: nobody hears of it before somebody's
/// timeout, which is real time here.
constexpr const char* kNeverWhole = "a frame that is never whole is never sent, and the timeout is real";
constexpr std::array<std::string_view, 3> kNeverWholeFrames{"query_nested_lie", "reply_nested_lie",
                                                            "reply_vector_count_lie"};

std::string lackOf(const std::vector<MisbehaviourSpec>& misbehaviours) {
  for (const MisbehaviourSpec& spec : misbehaviours) {
    if (std::ranges::find(kNeverWholeFrames, spec.name) != kNeverWholeFrames.end())
      return fmt::format("{}: {}", spec.name, kNeverWhole);
    if (const std::string why = whatGrpcLacks(spec); !why.empty())
      return fmt::format("{}: {}", spec.name, why);
  }
  return "";
}

/// Both sides speak what the first VM speaks.
template <class Persona>
std::string lackOfPersona(const Persona& persona, const Dialect& dialect) {
  if (persona.dialect->table != dialect.table || !(persona.dialect->announced == dialect.announced))
    return fmt::format("{}: there is only one release and configuration", persona.name);
  return lackOf(persona.misbehaviours);
}

bool isBelowTls(FaultLayer layer) {
  return layer == FaultLayer::records || layer == FaultLayer::connections;
}

std::string lackOf(const FaultSpec& fault, const Dialect& dialect) {
  const FaultAction* action = findFaultAction(fault.action);
  if (action != nullptr && isBelowTls(action->layer))
    return fmt::format("fault {}: what is below TLS is gRPC's own", fault.action);
  if (fault.action == "rewrite" && fault.parameters.contains("size_bytes"))
    return fmt::format("fault {}: {}", fault.action, kNeverWhole);
  const auto& type = fault.trigger.type;
  if (type == dialect.client_session_terminate || type == dialect.connection_terminate)
    return fmt::format("fault {}: {}", fault.action, kNoGoodbye);
  return "";
}

}  // namespace

std::string whatGrpcLacks(const MisbehaviourSpec& misbehaviour) {
  const auto lack = std::ranges::find_if(
      kLacks, [&](const Lack& one) { return misbehaviour.name.starts_with(one.misbehaviour); });
  return lack == kLacks.end() ? "" : lack->why;
}

std::string whatGrpcLacks(const Scenario& scenario) {
  const Dialect& dialect = *scenario.vms.front().dialect;
  if (dialect.table->release().name != kGrpcRelease)
    return fmt::format("{} speaks {} {}: there is only {}", scenario.vms.front().name, dialect.protocol(),
                       dialect.table->release().name, kGrpcRelease);
  for (const ScenarioVM& vm : scenario.vms) {
    if (vm.aot.load || vm.aot.store || vm.aot.map) return "there is no AOT cache";
    if (std::string lack = lackOfPersona(vm, dialect); !lack.empty()) return lack;
  }
  for (const ScenarioServer& server : scenario.servers) {
    if (server.aot_cache.enabled) return "there is no AOT cache";
    if (server.max_connections != ScenarioServer{}.max_connections)
      return fmt::format("{}: nobody is turned away, but waits for a stream", server.name);
    if (std::string lack = lackOfPersona(server, dialect); !lack.empty()) return lack;
  }
  for (const FaultSpec& fault : scenario.faults) {
    if (std::string lack = lackOf(fault, dialect); !lack.empty()) return lack;
  }
  return "";
}

}  // namespace jitrig
