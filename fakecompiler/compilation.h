#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fakecompiler/aot_compilation.h"
#include "fakecompiler/script.h"
#include "fakecompiler/server_load.h"
#include "fakecompiler/session_preparation.h"
#include "protocol/stream/conduct.h"
#include "protocol/stream/server_states.h"
#include "protocol/stream/server_stream.h"

namespace jitrig {

/// compilationFailure of the status enumeration: what an exception without a status of its own becomes.
/// `other` of compilationFailure is this where it means nothing.
inline constexpr std::uint32_t kStatusCompilationFailure = 1;
inline constexpr std::uint64_t kNoOtherData = ~std::uint64_t{0};

/// How a compilation ended, as seen by the server.
enum class CompilationOutcome : std::uint8_t {
  compiled,
  failed,         ///< compilationFailure, AOTCache_failure, or no answer at all, as the script wanted
  interrupted,    ///< by the client
  streamFailure,  ///< the stream broke, or what came over it was wrong
};

/// "compiled", "failed", "interrupted", "stream_failure".
std::string_view toString(CompilationOutcome outcome);

/// What became of one compilation, for observers and for tests.
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
  std::vector<std::string> misbehaved = {};         ///< misbehaviours that befell it, by name
  std::size_t thread = 0;                           ///< the server's compilation thread that had it
  std::optional<OwnStates> states = std::nullopt;   ///< that the server said at the end, as its own
  std::shared_ptr<const AOTServing> aot = nullptr;  ///< null: the client asked nothing of an AOT cache
};

/// Where the stream goes after a compilation.
enum class ServerStreamFate : std::uint8_t {
  park,
  close,
  diagnose,  ///< the compilation crashed, and the client knows: DiagnosticThread
};

/// The server's side of one compilation, whose request has been read and may run: prepares the session (null:
/// it makes no use of one, as a JitDump), asks what the script says, checks the types of the replies, ends as
/// the script says. Reacts to every StreamException as semantics.md, section 4, has it ("During the
/// compilation"), with one exception: after an answer to something else than the query the client is told,
/// and the connection closed, since such a peer is out of step (wire.md, "What a hostile or broken peer can
/// send"). `conduct` is how the server takes its turns, `load` how it says that it is with a final message
/// that has it; `aot` is its AOT cache's part, which may end the compilation before the script begins; null:
/// there is none. std::bad_alloc: there is no memory, which the client has not been told.
ServerStreamFate compile(ServerStream& stream, const ScriptedCompilation& script, SessionPreparation* session,
                         ServerCompilationReport& report, Conduct& conduct, ServerLoad& load,
                         AOTCompilation* aot = nullptr);

/// Tells the client that this compilation failed, for a reason that the script did not ask for. The stream is
/// still in step: no message was received or sent in part. `park` if the client could be told.
ServerStreamFate answerFailure(ServerStream& stream, std::uint32_t status, std::uint64_t other,
                               const std::string& reason, ServerCompilationReport& report);

}  // namespace jitrig
