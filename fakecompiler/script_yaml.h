#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "fakecompiler/script.h"
#include "fakecompiler/yaml_reader.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// Limits of a script file.
inline constexpr std::size_t kMaxScriptQueries = 100'000;  ///< over all compilations, `times` counted out
inline constexpr std::size_t kMaxScriptCodeSize = std::size_t{32} << 20U;  ///< bytes, of one compilation
inline constexpr std::size_t kMaxScriptMemory = std::size_t{64} << 20U;    ///< of all data points together

/// Reads a script written by hand. The format, with an example: README.md of this folder.
///
/// `file` names the text in errors, which read "script.yaml:7: …".
std::expected<Script, std::string> parseScript(std::string_view text, const std::string& file,
                                               const Dialect& dialect);

/// The same for a script that is part of another file. Throws YamlError.
Script readScript(const YamlReader& yaml, const YamlNode& node, const Dialect& dialect);

}  // namespace jitrig
