#include "scenarios/simulate/seed.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <system_error>

namespace jitrig {
namespace {

constexpr std::size_t kCommitDigits = 40;
constexpr std::size_t kSeedHexDigits = 16;

bool isHexDigit(char digit) {
  return (digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f') || (digit >= 'A' && digit <= 'F');
}

bool parse(std::string_view digits, int base, std::uint64_t& seed) {
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), seed, base);
  return !digits.empty() && error == std::errc{} && end == digits.data() + digits.size();
}

}  // namespace

std::expected<std::uint64_t, std::string> parseSeed(std::string_view text) {
  std::uint64_t seed = 0;
  // No number of 40 decimal digits fits: a commit that happens to have no letter is a commit all the same.
  if (text.size() == kCommitDigits && std::ranges::all_of(text, isHexDigit)) {
    parse(text.substr(0, kSeedHexDigits), 16, seed);
    return seed;
  }
  if (parse(text, 10, seed)) return seed;
  return std::unexpected(fmt::format(
      "'{}' is no seed; expected a decimal number below 2^64, or a git commit of {} hexadecimal digits", text,
      kCommitDigits));
}

}  // namespace jitrig
