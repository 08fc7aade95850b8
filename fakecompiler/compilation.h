#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "fakecompiler/script.h"
#include "protocol/stream/server_stream.h"

namespace jitrig {

/// How a compilation ended, as seen by the server.
enum class CompilationOutcome : std::uint8_t {
  compiled,
  failed,         ///< compilationFailure, AOTCache_failure, or no answer at all, as the script wanted
  interrupted,    ///< by the client
  streamFailure,  ///< the stream broke, or what came over it was wrong
};

/// "compiled", "failed", "interrupted", "stream_failure".
std::string_view toString(CompilationOutcome outcome);

struct ServerCompilationReport {
  std::uint64_t number = 0;  ///< in the order in which requests were read
  std::uint64_t client_uid = 0;
  std::string stream;  ///< CommunicationStream::name()
  std::string script;  ///< ScriptedCompilation::name
  CompilationOutcome outcome = CompilationOutcome::compiled;
  std::uint32_t queries = 0;  ///< answered by the client
  bool as_asked = true;       ///< it ended as the script wanted
  std::string detail;         ///< in words, where it did not compile
  /// The first reply that differs from the recorded one, if the script is a recording's; that is no failure.
  std::optional<std::string> difference;
};

/// Where the stream goes after a compilation.
enum class ServerStreamFate : std::uint8_t { park, close };

/// The server's side of one compilation, whose request has been read: asks what the script says, checks the
/// types of the replies, ends as the script says. Reacts to every StreamException as semantics.md, section 4,
/// has it ("During the compilation").
ServerStreamFate compile(ServerStream& stream, const ScriptedCompilation& script,
                         std::span<const ScriptQuery> session_queries, ServerCompilationReport& report);

}  // namespace jitrig
