#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "capture/conversation.h"

namespace jitrig {

/// What a fault can do to those whom it befalls, as far as judging has to know: any of these, as bits.
enum class FaultHarm : std::uint8_t {
  none = 0,     ///< bytes come in other pieces; nothing else
  delays = 1,   ///< what was sent comes later; somebody may lose patience
  breaks = 2,   ///< the connection ends, or bytes never come
  alters = 4,   ///< what is received is not what was sent
  refuses = 8,  ///< no connection comes about
};
constexpr FaultHarm operator|(FaultHarm left, FaultHarm right) {
  return static_cast<FaultHarm>(static_cast<unsigned>(left) | static_cast<unsigned>(right));
}
constexpr bool has(FaultHarm effects, FaultHarm one) {
  return (static_cast<unsigned>(effects) & static_cast<unsigned>(one)) != 0;
}

/// By the name of the fault's action. What is not known may have any.
FaultHarm faultHarm(std::string_view action);

/// A fault that fired: whom it befell, and from when on.
struct RecordedFault {
  std::string action;
  std::int64_t time_ns = 0;
  /// The end around which the fault stands, by name; empty: no single connection (a refusal, a persona that
  /// was paused).
  std::string stream;
  std::optional<Direction> sender;  ///< of the message that set it off
  std::uint64_t message = 0;        ///< of its direction, from 1; 0: none did
  std::string text;                 ///< for people
};

}  // namespace jitrig
