#include "protocol/catalogue/release.h"

#include <algorithm>

namespace jitrig {

const char* toString(Build build) {
  return build == Build::openjdk ? "openjdk" : "j9";
}

std::optional<Build> parseBuild(std::string_view text) {
  if (text == "openjdk") return Build::openjdk;
  if (text == "j9") return Build::j9;
  return std::nullopt;
}

std::optional<std::uint32_t> Release::statusCode(std::string_view status_name) const {
  const auto found = std::ranges::find(status_codes, status_name, &StatusCode::name);
  if (found == status_codes.end()) return std::nullopt;
  return found->number;
}

std::optional<std::string_view> Release::statusName(std::uint32_t number) const {
  // From the end: a marker stands before the status whose number it has.
  for (auto code = status_codes.rbegin(); code != status_codes.rend(); ++code) {
    if (code->number == number) return code->name;
  }
  return std::nullopt;
}

const StructLayout* Release::findStruct(std::string_view struct_name) const {
  const auto found = std::ranges::find(structs, struct_name, &StructLayout::name);
  return found == structs.end() ? nullptr : &*found;
}

const TypeAlias* Release::findAlias(std::string_view alias_name) const {
  const auto found = std::ranges::find(aliases, alias_name, &TypeAlias::name);
  return found == aliases.end() ? nullptr : &*found;
}

FullVersion Release::fullVersion(Configuration config) const {
  if (!has_architecture_bits) config.architecture = Architecture::none;
  return {versionWord(), config.word()};
}

}  // namespace jitrig
