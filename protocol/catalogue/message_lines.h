#pragma once

#include <expected>
#include <string>
#include <vector>

#include "protocol/catalogue/cpp_types.h"
#include "protocol/catalogue/message_type.h"
#include "protocol/catalogue/release.h"
#include "protocol/catalogue/release_text.h"

namespace jitrig {

/// The message types that the lines of a [messages] section (README.md) give one build, numbered.
std::expected<std::vector<MessageType>, std::string> parseMessageLines(const std::vector<TextLine>& lines,
                                                                       const CppTypes& types, Build build);

}  // namespace jitrig
