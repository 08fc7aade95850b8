#include "scenarios/file/expected_count.h"

#include <charconv>
#include <fmt/format.h>

namespace jitrig {
namespace {

std::optional<std::uint64_t> parseNumber(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string toString(const ExpectedCount& count) {
  if (!count.at_most) return count.at_least == 0 ? "any" : fmt::format("at least {}", count.at_least);
  if (*count.at_most == count.at_least) return fmt::to_string(count.at_least);
  if (count.at_least == 0) return fmt::format("at most {}", *count.at_most);
  return fmt::format("{} to {}", count.at_least, *count.at_most);
}

std::optional<ExpectedCount> parseExpectedCount(std::string_view text) {
  constexpr std::string_view kAtLeast = "at least ";
  constexpr std::string_view kAtMost = "at most ";
  constexpr std::string_view kTo = " to ";
  if (text == "any") return ExpectedCount{};
  if (text.starts_with(kAtLeast)) {
    const auto number = parseNumber(text.substr(kAtLeast.size()));
    return number ? std::optional(ExpectedCount{*number, std::nullopt}) : std::nullopt;
  }
  if (text.starts_with(kAtMost)) {
    const auto number = parseNumber(text.substr(kAtMost.size()));
    return number ? std::optional(ExpectedCount{0, *number}) : std::nullopt;
  }
  const std::size_t to = text.find(kTo);
  const auto first = parseNumber(text.substr(0, to));
  const auto last = to == std::string_view::npos ? first : parseNumber(text.substr(to + kTo.size()));
  if (!first || !last || *first > *last) return std::nullopt;
  return ExpectedCount{*first, *last};
}

std::vector<std::string> countNamesOf(const Scenario& scenario) {
  std::vector<std::string> names;
  for (const ScenarioCountName& count : scenarioCountNames()) {
    const std::string name(count.name);
    using Of = ScenarioCountName::Of;
    if (count.of != Of::server) names.push_back(name);
    if (count.of == Of::clients) {
      for (const ScenarioVM& vm : scenario.vms) names.push_back(vm.name + "." + name);
    }
    if (count.of == Of::server) {
      for (const ScenarioServer& server : scenario.servers) names.push_back(server.name + "." + name);
    }
  }
  return names;
}

}  // namespace jitrig
