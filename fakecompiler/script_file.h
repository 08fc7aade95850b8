#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <string>

#include "capture/conversation.h"
#include "fakecompiler/script.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// A text file of at most that size. The error names it.
std::expected<std::string, std::string> readTextFile(const std::string& path, std::uintmax_t max_bytes);

/// A script from a file: YAML, or a capture whose server side is played; which of them, its first bytes say.
/// `explain` is told what was read of a capture. The error names the file.
std::expected<Script, std::string> readScriptFile(
    const std::string& path, const Dialect& dialect,
    const std::function<void(const Conversation&)>& explain = {});

}  // namespace jitrig
