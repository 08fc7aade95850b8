#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "capture/conversation.h"
#include "scenarios/fault/fault_arguments.h"

namespace jitrig {

inline constexpr auto kPersonaChoices =
    std::to_array<std::string_view>({"sender", "receiver", "client", "server"});

/// For actions that befall one of the two personas.
inline constexpr FaultParameter kPersonaParameter{
    .name = "persona",
    .sentence = "which: by name, or as sender or receiver of the message that sets it off",
    .kind = FaultParameter::Kind::choice,
    .default_value = "server",
    .choices = kPersonaChoices};

/// What kPersonaParameter said.
class PersonaChoice {
 public:
  explicit PersonaChoice(const FaultArguments& arguments) : choice_(arguments.number("persona")) {}

  Direction of(Direction sender) const {
    switch (choice_) {
      case 0: return sender;
      case 1: return otherDirection(sender);
      case 2: return Direction::client;
      default: return Direction::server;
    }
  }

 private:
  std::int64_t choice_;
};

}  // namespace jitrig
