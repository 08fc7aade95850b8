#pragma once

#include <span>
#include <string>
#include <vector>

#include "protocol/stream/misbehaviour.h"

namespace CLI {
class App;
}  // namespace CLI

namespace jitrig {

/// --misbehave NAME[:COMPILATION], any number of times. `texts` must live as long as `verb`.
void addMisbehaveOption(CLI::App& verb, std::vector<std::string>& texts);

/// CommandError with wrong usage and the nearest name for what is none of `known`.
std::vector<MisbehaviourSpec> readMisbehaveOption(const std::vector<std::string>& texts,
                                                  std::span<const MisbehaviourInfo> known);

}  // namespace jitrig
