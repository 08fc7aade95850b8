#pragma once

#include <cstddef>
#include <string_view>

namespace jitrig {

/// The length in bytes of the UTF-8 character that begins `text`, if it is well-formed and no control
/// character (U+0000–U+001F, U+007F–U+009F); otherwise 0. `text` is not empty.
std::size_t printableUtf8Length(std::string_view text);

/// Whether all of it is.
bool isPrintableUtf8(std::string_view text);

}  // namespace jitrig
