#include "protocol/stream/misbehaviour.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "protocol/catalogue/nearest_name.h"

namespace jitrig {
namespace {

std::string unknownName(std::string_view name, std::span<const MisbehaviourInfo> known) {
  std::vector<std::string> names;
  for (const MisbehaviourInfo& info : known) names.emplace_back(info.name);
  const auto nearest = nearestNames(name, names);
  if (nearest.empty()) return fmt::format("no misbehaviour is called '{}'", name);
  return fmt::format("no misbehaviour is called '{}'; nearest: {}", name, fmt::join(nearest, ", "));
}

bool isKnown(std::string_view name, std::span<const MisbehaviourInfo> known) {
  return std::ranges::find(known, name, &MisbehaviourInfo::name) != known.end();
}

}  // namespace

std::string_view toString(MisbehaviourEffect effect) {
  switch (effect) {
    case MisbehaviourEffect::harmless: return "harmless";
    case MisbehaviourEffect::ends: return "ends";
    case MisbehaviourEffect::waits: return "waits";
    case MisbehaviourEffect::depends: return "depends";
  }
  return "unknown";
}

std::expected<void, std::string> checkMisbehaviours(std::span<const MisbehaviourSpec> specs,
                                                    std::span<const MisbehaviourInfo> known) {
  for (const MisbehaviourSpec& spec : specs) {
    if (!isKnown(spec.name, known)) return std::unexpected(unknownName(spec.name, known));
    if (spec.compilation && *spec.compilation == 0) {
      return std::unexpected(fmt::format("misbehaviour {}: compilations count from 1", spec.name));
    }
  }
  return {};
}

std::expected<MisbehaviourSpec, std::string> parseMisbehaviour(std::string_view text,
                                                               std::span<const MisbehaviourInfo> known) {
  const std::size_t colon = text.find(':');
  MisbehaviourSpec spec{.name = std::string(text.substr(0, colon)), .compilation = std::nullopt};
  if (colon != std::string_view::npos) {
    const std::string_view digits = text.substr(colon + 1);
    std::uint64_t number = 0;
    const auto [stop, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
    if (error != std::errc{} || stop != digits.data() + digits.size()) {
      return std::unexpected(fmt::format(
          "'{}': expected NAME or NAME:COMPILATION, with the number of a compilation, from 1", text));
    }
    spec.compilation = number;
  }
  if (const auto checked = checkMisbehaviours({&spec, 1}, known); !checked)
    return std::unexpected(checked.error());
  return spec;
}

}  // namespace jitrig
