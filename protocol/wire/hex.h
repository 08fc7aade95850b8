#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/wire/text_error.h"

namespace jitrig {

/// Lower case, two digits a byte, nothing between them.
void appendHex(std::string& out, std::span<const std::byte> bytes);
std::string toHex(std::span<const std::byte> bytes);

/// Upper or lower case; nothing but digits. The error's offset is that of the first wrong character.
TextResult<std::vector<std::byte>> parseHex(std::string_view hex);

}  // namespace jitrig
