#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace jitrig {

/// Any bytes in quotes, safe for a terminal: valid UTF-8 as it is, `"` and `\` behind a `\`, control
/// characters and bytes that are no UTF-8 as `\xNN`.
void appendQuoted(std::string& out, std::string_view bytes);

/// For error messages: the same, cut off behind `max_bytes`, so that hostile input does not flood a log.
std::string inQuotes(std::string_view bytes, std::size_t max_bytes = 40);

}  // namespace jitrig
