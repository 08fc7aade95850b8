#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace CLI {
class App;
}

namespace jitrig {

enum class Color : std::uint8_t { plain, dim, cyan, green, yellow, red };

/// --color auto|always|never. `color` must live as long as `verb`.
void addColorOption(CLI::App& verb, std::string& color);

/// auto: the standard output is a terminal that is not dumb, and NO_COLOR is not set (or empty). Throws
/// CommandError (wrongUsage) for any other word.
bool wantsColors(const std::string& color);

/// The text in that colour; just the text if not `with_colors`.
void appendColored(std::string& out, std::string_view text, Color color, bool with_colors);

}  // namespace jitrig
