#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "fakecompiler/script.h"
#include "protocol/stream/dialect.h"

namespace jitrig {

/// Limits of a script file.
inline constexpr std::size_t kMaxScriptQueries = 100'000;  ///< over all compilations, `times` counted out
inline constexpr std::size_t kMaxScriptCodeSize = std::size_t{32} << 20U;
inline constexpr std::size_t kMaxScriptMemory = std::size_t{64} << 20U;  ///< of all data points together

/// Reads a script written by hand:
///
///   compilations:
///     - name: a small method          # optional
///       session_queries: true         # optional: ask them on the first request of a client
///       queries:
///         - VM_isClassArray           # type-correct zeros, the catalogue's reply types
///         - ask: VM_isInstanceOf      # with data points in the text form of protocol/wire/value_text.h
///           data: object(0010000000000000), object(0020000000000000), bool(true), bool(false), bool(true)
///           expect: int32             # types of the reply; "anything" does not look
///           times: 3
///       end: code                     # code, failure, close, nothing, or the name of a final message
///       code_size_bytes: 240          # with code
///       status: compilationFailure    # with failure: name or number
///       data: …                       # with the name of a final message, optional
///
/// `file` names the text in errors, which read "script.yaml:7: …".
std::expected<Script, std::string> parseScript(std::string_view text, const std::string& file,
                                               const Dialect& dialect);

}  // namespace jitrig
