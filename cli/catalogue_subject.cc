#include "cli/catalogue_subject.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <optional>

#include "protocol/catalogue/catalogue.h"
#include "protocol/catalogue/history.h"
#include "protocol/catalogue/nearest_name.h"

namespace jitrig {
namespace {

std::string describe(const MessageTable& table) {
  return fmt::format("release {}, {} build,", table.release().name, toString(table.build()));
}

/// "67" or "#67"; anything else is a name.
std::optional<std::string_view> digitsOf(std::string_view given) {
  if (given.starts_with('#')) given.remove_prefix(1);
  const bool all_digits = std::ranges::all_of(given, [](char c) { return c >= '0' && c <= '9'; });
  if (given.empty() || !all_digits) return std::nullopt;
  return given;
}

std::expected<CatalogueSubject, std::string> findNumber(const MessageTable& table, std::string_view digits) {
  std::uint16_t number = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const MessageType* type = parsed.ec == std::errc{} ? table.find(number) : nullptr;
  if (type != nullptr) return type;
  return std::unexpected(fmt::format("{} has no message type with the number {}; its numbers lie in {} to {}",
                                     describe(table), digits, table.types().front().number,
                                     table.types().back().number));
}

std::vector<std::string> namesIn(const MessageTable& table) {
  std::vector<std::string> names;
  for (const MessageType& type : table.types()) names.push_back(type.name);
  for (const StructLayout& layout : table.release().structs) {
    if (layout.sizeIn(table.build())) names.push_back(layout.name);
  }
  for (const TypeAlias& alias : table.release().aliases) names.push_back(alias.name);
  return names;
}

/// "the j9 build has it in 0.30.0 to head"; empty if nobody has it.
std::string whoHasIt(std::string_view name) {
  std::string text;
  const Catalogue& catalogue = Catalogue::builtIn();
  for (const Build build : {Build::openjdk, Build::j9}) {
    const auto spans = messageHistory(catalogue, name, build);
    if (!spans || spans->empty()) continue;
    text += fmt::format("; the {} build has it in {} to {}", toString(build), spans->front().first_release,
                        spans->back().last_release);
  }
  const auto layouts = structHistory(catalogue, name);
  if (!layouts || layouts->empty()) return text;
  const StructLayout& newest = layouts->back().what;
  for (const Build build : {Build::openjdk, Build::j9}) {
    if (!newest.sizeIn(build)) continue;
    text += fmt::format("; the {} build has the struct in {} to {}", toString(build),
                        layouts->front().first_release, layouts->back().last_release);
  }
  return text;
}

}  // namespace

std::expected<CatalogueSubject, std::string> findSubject(const MessageTable& table, std::string_view given) {
  if (const auto digits = digitsOf(given)) return findNumber(table, *digits);
  if (const MessageType* type = table.find(given)) return type;
  const StructLayout* layout = layoutOf(table.release(), given);
  if (layout != nullptr && layout->sizeIn(table.build())) return layout;
  if (const TypeAlias* alias = table.release().findAlias(given)) return alias;

  std::string error = fmt::format("{} has no message type, struct or alias '{}'", describe(table), given);
  const std::string owners = whoHasIt(given);
  error += owners;
  const auto nearest = nearestNames(given, namesIn(table));
  if (owners.empty() && !nearest.empty()) error += fmt::format("; near are {}", fmt::join(nearest, ", "));
  if (owners.empty() && nearest.empty())
    error += "; expected a name or number that jitrig catalogue list shows";
  return std::unexpected(std::move(error));
}

std::vector<std::string> usersOf(const MessageTable& table, const StructLayout& layout) {
  std::vector<std::string> names;
  for (const MessageType& type : table.types()) {
    const TypesInUse use = typesInUse(table.release(), type);
    if (std::ranges::find(use.structs, &layout) != use.structs.end()) names.push_back(type.name);
  }
  return names;
}

std::vector<std::string> usersOf(const MessageTable& table, const TypeAlias& alias) {
  std::vector<std::string> names;
  for (const MessageType& type : table.types()) {
    const TypesInUse use = typesInUse(table.release(), type);
    if (std::ranges::find(use.aliases, &alias) != use.aliases.end()) names.push_back(type.name);
  }
  return names;
}

}  // namespace jitrig
