#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fakecompiler/aot_caches.h"
#include "fakecompiler/client_session.h"
#include "fakecompiler/script.h"
#include "protocol/stream/aot_layout.h"
#include "protocol/stream/dialect.h"
#include "protocol/wire/message.h"

namespace jitrig {

/// What the AOT cache had to do with a compilation, for observers and checkers.
struct AOTServing {
  /// Of the compilation.
  enum class Outcome : std::uint8_t {
    none,     ///< it was compiled without
    hit,      ///< it came from the cache, and was not compiled
    stored,   ///< it was compiled and stored
    refused,  ///< AOTCache_failure
  };
  Outcome outcome = Outcome::none;
  bool load = false;               ///< what the client asked for
  bool store = false;              ///< the same
  bool ignores_local = false;      ///< the client can do nothing with plain code
  bool cache_unavailable = false;  ///< of a refusal
  bool store_unavailable = false;  ///< the same
  std::uint64_t server_uid = 0;
  std::string cache;      ///< its name
  std::string method;     ///< its identity, in some form that is equal for equal ones; "": unknown
  std::string signature;  ///< stored: its name in the cache's map
  std::vector<std::uint64_t> newly_known;  ///< records that the client has told that it has
  std::vector<std::uint64_t> sent;         ///< records that it was sent
};

/// "hit", "stored", …
std::string_view toString(AOTServing::Outcome outcome);

/// What is the same for all compilations of a server.
class AOTServer {
 public:
  /// `uid` is the server's.
  AOTServer(const Dialect& dialect, AOTCaches& caches, std::uint64_t uid);

  AOTCaches& caches() const { return caches_; }
  std::uint64_t uid() const { return uid_; }
  /// Null: the release has no such cache.
  const AOTLayout* layout() const { return dialect_.aot_layout.get(); }
  /// Of the release, with type-correct values.
  ScriptQuery vmInfo() const;
  ScriptQuery romClassBatch() const;
  ScriptQuery methodNames() const;
  std::uint16_t codeType() const { return dialect_.compilation_code; }
  /// A final message with type-correct values.
  ScriptEnd end(std::uint16_t type) const;

 private:
  const Dialect& dialect_;
  AOTCaches& caches_;
  std::uint64_t uid_;
};

/// What one compilation has to do with the AOT cache (semantics.md, section 9): before the script it asks
/// what is missing, and may end the compilation; behind it the method is stored.
class AOTCompilation {
 public:
  /// Reads the request. `created_session`: by it; what such a client says that it has is another server's.
  AOTCompilation(const AOTServer& server, ClientSession& session, MessageView request, bool created_session);

  /// What is to be asked next, in a session that is prepared; null: nothing.
  const ScriptQuery* next();
  /// The reply to what next() returned.
  void answered(MessageView reply);
  /// What the compilation ends with instead of its script; null: it is compiled.
  const ScriptEnd* end() const { return end_ ? &*end_ : nullptr; }
  /// What it ends with, when it was compiled.
  const ScriptEnd& endOf(const ScriptEnd& scripted);

  /// null: the client asked nothing of the cache, and told nothing.
  std::shared_ptr<const AOTServing> serving() const;

 private:
  enum class Step : std::uint8_t { begin, vmInfo, vmKnown, classes, lookup, names, done };

  void read(MessageView request);
  bool wantsVM() const;
  bool wantsClasses();
  void lookUp();
  void refuse(bool cache_unavailable, bool store_unavailable);
  void deliver(ScriptEnd& end, const AOTDelivery& delivery);

  const AOTServer& server_;
  ClientSession& session_;
  AOTServing serving_;
  Step step_ = Step::begin;
  std::optional<AOTSession::VM> vm_;
  std::vector<std::uint64_t> class_chain_;  ///< addresses
  std::vector<std::uint64_t> asked_classes_;
  AOTMethodIdentity method_;
  std::string signature_;
  std::optional<ScriptQuery> query_;
  std::optional<ScriptEnd> end_;
};

}  // namespace jitrig
