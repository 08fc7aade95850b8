#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "scenarios/fault/fault.h"
#include "scenarios/fault/fault_arguments.h"

namespace jitrig {

class FaultEffect;

/// Where an action works.
enum class FaultLayer : std::uint8_t {
  messages,     ///< on messages, so above TLS: FaultSet::decorate()
  records,      ///< on TLS records, so below TLS: FaultSet::decorateTransport()
  connections,  ///< on a connection as it comes about, below TLS: FaultSet::decorateTransport()
  personas,     ///< on who sends and receives, when a message passes or at a time: PersonaControl
};

/// "messages", "records", "connections", "personas".
std::string_view toString(FaultLayer layer);

/// Something that can go wrong, by name. Each is one small file that defines one of these.
struct FaultAction {
  std::string_view name;
  std::string_view sentence;
  FaultLayer layer = FaultLayer::messages;
  bool breaks_connection = false;  ///< one end or both cannot use it as before, or wait in vain
  bool alters_bytes = false;       ///< what arrives is not what was sent
  bool only_delays = false;        ///< everything arrives, as it was sent, later or in other pieces
  std::span<const FaultParameter> parameters = {};
  /// The error says which argument does not go with it, and what was expected.
  std::expected<std::unique_ptr<const FaultEffect>, std::string> (*make)(const FaultArguments& arguments) =
      nullptr;
};

/// All actions, those on messages first.
std::span<const FaultAction* const> faultActions();

/// nullptr if there is none.
const FaultAction* findFaultAction(std::string_view name);

/// What is wrong with a fault: an action or parameter that does not exist (with the nearest names), a value
/// that is none or out of range, a trigger that this action cannot have. `dialect` knows the names of message
/// types.
std::expected<void, std::string> checkFault(const FaultSpec& spec, const Dialect& dialect);

}  // namespace jitrig
