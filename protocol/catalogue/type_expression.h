#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

namespace jitrig {

/// A type as it is written, before anything is known of its names: `std::vector<J9Class *>` is the name
/// "std::vector" with the argument "J9Class *". The common grammar of wire shapes and C++ types:
///
///   type = name [ "<" type { "," type } ">" ]      a name holds no < > or comma
struct TypeExpression {
  std::string_view name;  ///< points into the parsed text
  std::vector<TypeExpression> arguments;
  bool has_arguments = false;  ///< distinguishes `a<>`, which is refused, from `a`

  /// How deep arguments may nest; real types stay below 6.
  static constexpr std::size_t kMaxNesting = 32;

  /// The error names the offset. The result is valid as long as `text`.
  static std::expected<TypeExpression, std::string> parse(std::string_view text);
};

/// Without the spaces at both ends.
std::string_view trimmed(std::string_view text);

}  // namespace jitrig
