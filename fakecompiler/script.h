#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/catalogue/wire_type.h"
#include "protocol/stream/dialect.h"
#include "protocol/wire/message.h"
#include "protocol/wire/value.h"

namespace jitrig {

/// What the fake compiler asks once.
struct ScriptQuery {
  std::uint16_t type = 0;
  std::vector<Value> values;
  /// What the reply must look like; nullopt: anything.
  std::optional<std::vector<WireType>> expected_reply;
  /// What a recorded client answered; see ServerCompilationReport::difference.
  std::optional<std::vector<Value>> recorded_reply;
  /// `type` and `values` for the wire, made by encodeOnce(); null: encoded whenever it is asked.
  std::shared_ptr<const Message> encoded = nullptr;
};

/// How the fake compiler ends a compilation.
struct ScriptEnd {
  /// The ways to end.
  enum class Kind : std::uint8_t {
    message,  ///< send `type` with `values`: code, a failure, an AOT method
    close,    ///< close the connection without an answer, as a server that dies does
    nothing,  ///< say nothing; the connection stays, and the client waits until its timeout
    crash,    ///< addCrash()
    /// The recorded client interrupted or closed here instead of answering: one that answers gets a failure.
    recordedClientStops,
    /// The recorded server stopped here although it was its turn, by a defect or because the recording ends.
    /// This server goes on: it has nothing more to ask, and says that the compilation failed.
    recordedServerStops,
  };

  Kind kind = Kind::message;
  std::uint16_t type = 0;
  std::vector<Value> values;
  /// The server says its own memory and thread states in the message, where the release has them; otherwise
  /// they are sent as `values` has them.
  bool says_states = false;
  std::shared_ptr<const Message> encoded = nullptr;  ///< as ScriptQuery has it
};

/// One compilation as the server sees it.
struct ScriptedCompilation {
  std::string name;  ///< for people
  /// For this request before any other, compared without client UID and sequence numbers; nullopt: for any.
  std::optional<std::vector<Value>> request;
  /// On the first request of a client session ask getUnloadedClassRangesAndCHTable and VM_getVMInfo first, as
  /// a real server does (semantics.md, section 3).
  bool ask_session_queries = false;
  std::vector<ScriptQuery> queries;
  ScriptEnd end;
};

/// The conversations that a FakeCompiler has: see ScriptPlayer::take for which is played when.
struct Script {
  std::vector<ScriptedCompilation> compilations;  ///< not empty
  /// The data points that answer AOTCacheMap_request, by the name of the cache; an empty map for others.
  std::map<std::string, std::vector<Value>> aot_cache_maps;
};

/// Encodes what will be sent as it stands, however often; large ones are left, for their storage.
std::shared_ptr<const Script> encodeOnce(Script script);
void encodeOnce(ScriptQuery& query);

/// Type-correct values for what the starter of this message sends; a single Void where the release does not
/// say.
std::vector<Value> defaultRequest(const MessageType& type);

/// The release's query with type-correct values and the catalogue's reply types; nullopt if the release has
/// no such query.
std::optional<ScriptQuery> makeQuery(const Dialect& dialect, std::string_view name);

/// compilationCode with code that is none: type-correct for the release.
ScriptEnd makeCode(const Dialect& dialect, std::size_t code_size_bytes);

/// The compilation ends with a crash of its thread: behind its queries it says so (jitDumpPrintIL, then
/// compilationThreadCrashed), and from its beginning the server serves no other request than the JitDump of
/// the method for which the client asks then. False: the release has no such queries.
bool addCrash(const Dialect& dialect, ScriptedCompilation& compilation);

/// The JitDump of a compilation that crashed: the same queries without the crash, and code.
ScriptedCompilation makeJitDump(const Dialect& dialect, const ScriptedCompilation& crashed);

/// The queries of a compilation without those that addCrash() added.
std::span<const ScriptQuery> queriesBeforeCrash(const ScriptedCompilation& compilation);

/// compilationFailure, with as many data points as the release has. Without `other` it says the server's
/// memory state, if the status is compilationLowPhysicalMemory.
ScriptEnd makeFailure(const Dialect& dialect, std::uint32_t status);
ScriptEnd makeFailure(const Dialect& dialect, std::uint32_t status, std::uint64_t other);

/// A final message of that type, with zeros, and the server's own states.
ScriptEnd makeFinalMessage(const Dialect& dialect, const MessageType& type);

/// What a FakeCompiler does when it is told nothing: the session queries, a few questions, 240 bytes of code.
Script defaultScript(const Dialect& dialect);

}  // namespace jitrig
