#pragma once

#include <expected>
#include <memory>
#include <span>
#include <string>

#include "protocol/catalogue/message_table.h"
#include "protocol/catalogue/release.h"
#include "protocol/catalogue/release_text.h"

namespace jitrig {

/// Reads the release called `name` from `texts`, which also holds the releases its sections are "like".
/// Errors name file, line and what was expected: "0.60.0.txt:123: unknown C++ type 'Foo'".
std::expected<std::shared_ptr<const Release>, std::string> loadRelease(std::span<const NamedText> texts,
                                                                       std::string_view name);

/// The same for the messages of one build of it.
std::expected<std::shared_ptr<const MessageTable>, std::string> loadMessageTable(
    std::span<const NamedText> texts, std::string_view name, Build build);

}  // namespace jitrig
