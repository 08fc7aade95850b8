#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jitrig {

/// The length in bytes of the UTF-8 character that begins `text`, 1 to 4; 0 if it is not well-formed
/// (overlong, a surrogate, beyond U+10FFFF, cut off). `text` is not empty.
std::size_t utf8Length(std::string_view text);

/// The same, but 0 for control characters (U+0000–U+001F, U+007F–U+009F) too.
std::size_t printableUtf8Length(std::string_view text);

/// Whether all of it is.
bool isPrintableUtf8(std::string_view text);

/// `code_point` is no surrogate and not beyond U+10FFFF.
void appendUtf8(std::string& out, char32_t code_point);

}  // namespace jitrig
