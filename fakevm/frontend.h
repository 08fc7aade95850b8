#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "fakevm/class_changes.h"
#include "protocol/wire/message.h"
#include "protocol/wire/value.h"

namespace jitrig {

/// What the client knows of its own request beyond the method: who it is and where the request stands in
/// order (semantics.md, section 3).
struct RequestIdentity {
  std::uint64_t client_uid = 0;
  std::uint32_t sequence_number = 0;
  std::uint32_t last_critical_sequence_number = 0;
  ClassChanges changes = {};  ///< that it tells of; not empty: it is critical itself
  bool jit_dump = false;      ///< the method is to be dumped, for a compilation of it has crashed
};

/// What the client does about a query.
struct Answer {
  /// The ways to react.
  enum class Kind : std::uint8_t {
    reply,      ///< answer with `values`, in a message of the query's type
    interrupt,  ///< send compilationInterrupted; this compilation ends, the stream goes on
    close,      ///< close the connection without a word, as a client that dies does
  };

  Kind kind = Kind::reply;
  std::vector<Value> values;
};

/// The client's side of one compilation: makes the request and answers the queries, in their order. Used by
/// one task.
class CompilationFrontend {
 public:
  virtual ~CompilationFrontend() = default;

  /// "java/lang/Integer.parseInt(Ljava/lang/String;)I", for people.
  virtual std::string methodName() const = 0;

  /// The data points of the compilationRequest.
  virtual std::vector<Value> compilationRequest(const RequestIdentity& identity) = 0;

  /// Appends the same to `request`, for front ends that can do so without making values first.
  virtual void addRequest(const RequestIdentity& identity, Message& request) {
    addValues(request, compilationRequest(identity));
  }

  /// `query` is validated, and its data points have the types of the catalogue where it knows them.
  virtual Answer answer(const Message& query) = 0;

  /// What ended the compilation: code, an AOT method, or AOTCache_failure. Says why the client cannot use it,
  /// which is then a failure of its own; "": it can. May wait.
  virtual std::string accept(const Message& final_message) {
    static_cast<void>(final_message);
    return {};
  }

  /// Whether it can ask a server that crashed over its method for a JitDump of it.
  virtual bool asksForJitDumps() const { return false; }

  /// A reply that is encoded already, for front ends that give the same one often; valid until the next call.
  /// Empty: answer() is asked.
  virtual std::span<const std::byte> encodedReply(const Message& query) {
    static_cast<void>(query);
    return {};
  }
};

/// What stands in for the VM: answers every query type of the protocol.
class Frontend {
 public:
  virtual ~Frontend() = default;

  /// The front end of the compilation with that number, from 0. Called by any compilation thread.
  virtual std::unique_ptr<CompilationFrontend> beginCompilation(std::uint64_t number) = 0;
};

}  // namespace jitrig
