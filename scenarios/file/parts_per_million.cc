#include <charconv>
#include <cstddef>
#include <fmt/format.h>
#include <string>

#include "scenarios/file/scenario_parts.h"

namespace jitrig {

std::uint32_t readPartsPerMillion(const YamlReader& yaml, const YamlNode& node, std::string_view what) {
  constexpr std::uint32_t kMillion = 1'000'000;
  constexpr std::size_t kDecimals = 6;
  const std::string& text = yaml.text(node, what);
  const std::size_t dot = text.find('.');
  const std::string whole = text.substr(0, dot);
  std::string decimals = dot == std::string::npos ? "" : text.substr(dot + 1);
  const std::string digits = whole + decimals;
  const bool is_number = !whole.empty() && (dot == std::string::npos || !decimals.empty()) &&
                         decimals.size() <= kDecimals && whole.size() <= 1 &&
                         digits.find_first_not_of("0123456789") == std::string::npos;
  std::uint32_t ppm = 0;
  if (is_number) {
    decimals.resize(kDecimals, '0');
    const std::string all = whole + decimals;
    std::from_chars(all.data(), all.data() + all.size(), ppm);
  }
  if (!is_number || ppm > kMillion) {
    yaml.fail(node, fmt::format("{}: expected 0 to 1 with up to six decimals, not '{}'", what, text));
  }
  return ppm;
}

}  // namespace jitrig
