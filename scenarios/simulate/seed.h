#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace jitrig {

/// Digits are a decimal number; 40 hexadecimal digits are a git commit, of which the first 64 bits count, so
/// that a build's own commit can be its seed. The error says what was expected.
std::expected<std::uint64_t, std::string> parseSeed(std::string_view text);

}  // namespace jitrig
