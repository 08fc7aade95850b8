#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fakevm/activation_policy.h"
#include "fakevm/aot_use.h"
#include "fakevm/frontend.h"
#include "fakevm/stream_loss.h"
#include "protocol/runtime/instant.h"
#include "protocol/stream/class_changes.h"
#include "protocol/stream/client_stream.h"
#include "protocol/stream/conduct.h"
#include "protocol/stream/server_states.h"

namespace jitrig {

/// How a compilation ended, as seen by the client.
enum class CompilationResult : std::uint8_t {
  compiled,     ///< the server sent code, or an AOT method
  failed,       ///< the server said that it did not work
  terminated,   ///< the stream failed in the middle; the VM goes on and reconnects for the next one. Where
                ///< there is a next attempt, also: no connection came about
  interrupted,  ///< the client gave it up
  local,        ///< compiled by the VM itself: no connection, or remote compilation is impossible for now
};

/// "compiled", "failed", …
std::string_view toString(CompilationResult result);

/// Where something stands in what a VM's threads decided and learned, over all of them: times are equal
/// often.
struct LifeMoment {
  std::uint64_t step = 0;  ///< 0: it did not happen
  Instant when;
};

/// What became of one compilation, or of one attempt of it, for observers and for tests. `number` counts
/// methods from 0 over all threads.
struct CompilationReport {
  std::uint64_t number = 0;
  std::size_t thread = 0;
  std::uint32_t attempt = 1;
  bool tried_again = false;  ///< another attempt follows: this one's result is not the method's
  std::string method;
  CompilationResult result = CompilationResult::local;
  std::uint32_t queries = 0;            ///< answered
  std::optional<std::uint32_t> status;  ///< of compilationFailure
  std::string detail;                   ///< in words, for everything but `compiled`
  std::uint64_t code_size_bytes = 0;    ///< of the first data point of the final message
  bool unanswered = false;              ///< the server ended the connection without a word on the request
  bool answered = false;                ///< it said something
  bool server_crashed = false;          ///< so it said
  SaidServerStates server_states = {};  ///< that the final message told
  std::uint32_t sequence_number = 0;    ///< of the request; 0: none was made
  ClassChangeCounts changes = {};       ///< that the request told of
  std::optional<StreamLoss> stream_loss = std::nullopt;
  LifeMoment began = {};      ///< it was decided to be remote, or local
  LifeMoment connected = {};  ///< its connection came about; not if there was one
  LifeMoment ended = {};
  ActivationPolicy policy = ActivationPolicy::aggressive;  ///< of the VM's threads, from its end on

  bool foundNoConnection() const { return stream_loss && stream_loss->noConnection(); }
  /// Its stream broke, or it found none.
  bool lostStream() const { return result == CompilationResult::terminated || foundNoConnection(); }
  std::vector<std::string> misbehaved = {};           ///< misbehaviours that befell it, by name
  std::shared_ptr<const AOTMethodUse> aot = nullptr;  ///< null: the VM uses no AOT cache

  /// The server sent an AOT method, and the client had no use for it.
  bool couldNotLoad() const {
    return aot &&
           (aot->result == AOTResult::deserializationFailed || aot->result == AOTResult::deserializerReset);
  }
};

/// What the caller does with the stream afterwards.
enum class StreamFate : std::uint8_t {
  keep,
  close,
  dump,  ///< the server crashed, and waits for a JitDump request (jit_dump.h); then close it
};

/// One compilation over a stream: request, answer loop, final message (semantics.md, section 3). Fills in the
/// report. Exceptions of the front end's compilationRequest() come out; those of its answer() end the
/// compilation as interrupted. `conduct` is how the client takes its turns.
StreamFate compileRemotely(ClientStream& stream, CompilationFrontend& frontend,
                           const RequestIdentity& identity, CompilationReport& report,
                           Conduct& conduct = correctConduct());

}  // namespace jitrig
